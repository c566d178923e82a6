using CsCheck;
using Orchestrator.Hypervisor.Domains;

namespace Orchestrator.Hypervisor.Tests.Domains;

public sealed class DomainLifecycleTests
{
    private enum Move
    {
        Start,
        StartThatFails,
        Stop,
        Kill,
        Restart,
        RestartThatFails,
        Reset,
        Pause,
        Resume,
        Destroy,
        Ready,
        Unresponsive,
        GraceOver,
        EngineEnds,
    }

    /// <summary>
    /// A host that does what the lifecycle says, against callers and engines that do what they like: there is never a second engine,
    /// a domain that says it is stopped has none, and nothing is asked of an engine that isn't there.
    /// </summary>
    [Fact]
    public void WhateverHappensThereIsOneEngineOrNone() =>
        Gen.Enum<Move>().List[1, 60].Holds(
            moves =>
            {
                var host = new ModelHost();
                foreach (var move in moves)
                {
                    host.Do(move);
                    host.Check();
                }

                host.DestroyAndEnd();
                Assert.Equal(1, host.Erasures);
            },
            iter: 20_000);

    [Fact]
    public void AStopAlwaysReachesTheEndOfALivingEngine() =>
        Gen.Enum<Move>().List[0, 30].Holds(moves =>
        {
            var host = new ModelHost();
            moves.ForEach(host.Do);
            if (host.Erasures > 0)
            {
                return;
            }

            host.Do(Move.Kill);
            Assert.True(!host.EngineLives || host.KillSent);
            host.Do(Move.EngineEnds);
            Assert.False(DomainLifecycle.HasEngine(host.Phase));
        });

    [Fact]
    public void ADomainThatIsStoppingRefusesToStart() =>
        Assert.NotNull(DomainLifecycle.Next(DomainPhase.Stopping, DomainEvent.StartAsked).Refusal);

    private sealed class ModelHost
    {
        private bool _launches = true;

        public DomainPhase Phase { get; private set; } = DomainPhase.Created;

        public bool EngineLives { get; private set; }

        public bool KillSent { get; private set; }

        public bool IsFrozen { get; private set; }

        public int Erasures { get; private set; }

        public void Do(Move move)
        {
            if (Erasures > 0)
            {
                return;
            }

            switch (move)
            {
                case Move.Start:
                    Tell(DomainEvent.StartAsked, launches: true);
                    break;
                case Move.StartThatFails:
                    Tell(DomainEvent.StartAsked, launches: false);
                    break;
                case Move.Stop:
                    Tell(DomainEvent.StopAsked);
                    break;
                case Move.Kill:
                    Tell(DomainEvent.KillAsked);
                    break;
                case Move.Restart:
                    Tell(DomainEvent.RestartAsked);
                    break;
                case Move.RestartThatFails:
                    Tell(DomainEvent.RestartAsked);
                    _launches = false;
                    break;
                case Move.Reset:
                    Tell(DomainEvent.ResetAsked);
                    break;
                case Move.Pause:
                    Tell(DomainEvent.PauseAsked);
                    break;
                case Move.Resume:
                    Tell(DomainEvent.ResumeAsked);
                    break;
                case Move.Destroy:
                    Tell(DomainEvent.DestroyAsked);
                    break;
                case Move.Ready when EngineLives:
                    Tell(DomainEvent.EngineReady);
                    break;
                case Move.Unresponsive when EngineLives:
                    Tell(DomainEvent.EngineUnresponsive);
                    break;
                case Move.GraceOver:
                    Tell(DomainEvent.GraceOver);
                    break;
                case Move.EngineEnds when EngineLives:
                    EngineLives = false;
                    IsFrozen = false;
                    Tell(DomainEvent.EngineEnded, _launches);
                    _launches = true;
                    break;
            }
        }

        public void Check()
        {
            Assert.False(EngineLives && Phase is DomainPhase.Created or DomainPhase.Stopped or DomainPhase.Failed && EngineLives);
            Assert.True(!DomainLifecycle.HasEngine(Phase) || EngineLives);

            // Who is killed goes on, to its end; everyone else stands still only while the domain says so.
            Assert.True(KillSent || IsFrozen == (Phase is DomainPhase.Paused));
        }

        public void DestroyAndEnd()
        {
            Do(Move.Destroy);
            Assert.True(!EngineLives || KillSent);
            Do(Move.EngineEnds);
        }

        private void Tell(DomainEvent happened, bool launches = true)
        {
            var transition = DomainLifecycle.Next(Phase, happened);
            if (transition.Refusal is not null)
            {
                Assert.Equal(Phase, transition.Next);
                return;
            }

            Phase = transition.Next;
            switch (transition.Effect)
            {
                case DomainEffect.Launch:
                    Assert.False(EngineLives);
                    EngineLives = launches;
                    KillSent = false;
                    if (!launches)
                    {
                        Tell(DomainEvent.LaunchFailed);
                    }

                    break;
                case DomainEffect.AskShutdown:
                    Assert.True(EngineLives);
                    IsFrozen = false;
                    break;
                case DomainEffect.RenewGrace:
                    Assert.True(EngineLives && !IsFrozen);
                    break;
                case DomainEffect.Freeze or DomainEffect.Thaw:
                    Assert.True(EngineLives);
                    IsFrozen = transition.Effect is DomainEffect.Freeze;
                    break;
                case DomainEffect.Kill:
                    Assert.True(EngineLives);
                    (KillSent, IsFrozen) = (true, false);
                    break;
                case DomainEffect.Erase:
                    Assert.False(EngineLives);
                    Erasures++;
                    break;
            }
        }
    }
}
