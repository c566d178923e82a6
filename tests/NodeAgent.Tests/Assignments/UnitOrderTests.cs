using CsCheck;
using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>The order of units as properties: whatever ends, and whenever the environment is lost, these hold.</summary>
public sealed class UnitOrderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<UnitRole[]> Roles =
        Gen.Select(Gen.OneOf(Gen.Const(UnitRole.Init), Gen.Const(UnitRole.Sidecar)).Array[0, 4], Gen.Int[1, 2])
            .Select((before, mains) => before.Concat(Enumerable.Repeat(UnitRole.Main, mains)).ToArray());

    /// <summary>What happens next: a unit ends with an exit code, or (the last choice) the environment is lost.</summary>
    private static readonly Gen<(int Unit, int ExitCode)[]> Happenings = Gen.Select(Gen.Int[0, 7], Gen.Frequency((3, Gen.Const(0)), (1, Gen.Const(1)))).Array[1, 40];

    [Fact]
    public void A_unit_starts_only_when_those_before_it_have_done_their_part()
        => Gen.Select(Roles, Gen.OneOf(Gen.Const(RestartPolicy.Always), Gen.Const(RestartPolicy.OnFailure), Gen.Const(RestartPolicy.Never)), Happenings).Holds((roles, policy, happenings) =>
        {
            var pod = new ModelPod(roles, policy);
            foreach (var (unit, exitCode) in happenings)
            {
                pod.Settle();
                if (unit < roles.Length) pod.End(unit, exitCode);
                else pod.LoseEnvironment();
            }
        });

    [Fact]
    public void A_pod_whose_units_all_succeed_comes_to_its_end_and_leaves_nothing_running()
        => Roles.Holds(roles =>
        {
            var pod = new ModelPod(roles, RestartPolicy.OnFailure);
            pod.Settle();
            for (var i = 0; i < roles.Length; i++)
            {
                if (roles[i] != UnitRole.Sidecar) pod.End(i, 0);
                pod.Settle();
            }

            Assert.True(UnitOrder.IsFinished(pod.Workload, pod.Seen, pod.Now));
            Assert.True(UnitOrder.IsInitialized(pod.Workload, pod.Seen, pod.Now));
        });

    [Fact]
    public void An_init_unit_that_fails_for_good_ends_the_sidecars_before_it_and_starts_nothing()
    {
        var pod = new ModelPod([UnitRole.Sidecar, UnitRole.Init, UnitRole.Main], RestartPolicy.Never);
        pod.Settle();
        pod.End(1, 3);
        pod.Settle();
        Assert.Equal(UnitState.Exited, pod.Seen.Latest("u0")!.State);
        Assert.Null(pod.Seen.Latest("u2"));
        Assert.True(UnitOrder.IsFinished(pod.Workload, pod.Seen, pod.Now));
        Assert.False(UnitOrder.IsInitialized(pod.Workload, pod.Seen, pod.Now));
    }

    [Fact]
    public void Whatever_has_not_ended_by_the_deadline_ends_and_what_has_keeps_its_end()
        => Gen.Select(Roles, Gen.OneOf(Gen.Const(RestartPolicy.Always), Gen.Const(RestartPolicy.OnFailure), Gen.Const(RestartPolicy.Never)), Happenings).Holds((roles, policy, happenings) =>
        {
            var pod = new ModelPod(roles, policy);
            foreach (var (unit, exitCode) in happenings)
            {
                pod.Settle();
                if (unit < roles.Length) pod.End(unit, exitCode);
            }

            pod.Settle();
            var ended = UnitOrder.IsFinished(pod.Workload, pod.Seen, pod.Now);
            var before = pod.Seen;
            pod.SetDeadline(pod.Now);
            Assert.NotEqual(ended, UnitOrder.IsOverdue(pod.Workload, pod.Seen, pod.Now));
            pod.Settle();
            Assert.True(UnitOrder.IsFinished(pod.Workload, pod.Seen, pod.Now));
            Assert.NotEqual(ended, UnitOrder.IsOverdue(pod.Workload, pod.Seen, pod.Now));
            Assert.Equal(before.Runs.Length, pod.Seen.Runs.Length);
            Assert.True(!ended || before.Runs.SequenceEqual(pod.Seen.Runs));
        });

    /// <summary>A runtime that does each step at once, and checks of each whether it was due.</summary>
    private sealed class ModelPod(UnitRole[] roles, RestartPolicy policy)
    {
        public DateTimeOffset Now { get; private set; } = Start;

        public WorkloadSnapshot Seen { get; private set; } = new() { Id = new WorkloadId(WorkloadKind.Pod, "ns", "p", "u"), Environment = EnvironmentState.Ready };

        public DesiredWorkload Workload { get; private set; } = new()
        {
            Id = new WorkloadId(WorkloadKind.Pod, "ns", "p", "u"),
            RuntimeHandler = "container",
            Restart = policy,
            Units = [.. roles.Select((role, i) => new DesiredUnit($"u{i}", "image:1", PullPolicy.Never, role))],
            Grace = TimeSpan.FromSeconds(1),
            Deleting = false,
        };

        public void SetDeadline(DateTimeOffset deadline)
        {
            Seen = Seen with { CreatedAt = deadline - TimeSpan.FromSeconds(1) };
            Workload = Workload with { Pod = new Pod { Spec = new PodSpec { ActiveDeadlineSeconds = 1 } } };
        }

        /// <summary>Takes steps, each after the longest back-off, until there is none.</summary>
        public void Settle()
        {
            for (var steps = 0; ; steps++)
            {
                Assert.True(steps < 100, "the steps find no end");
                Now += RestartRule.LongestDelay;
                var (unit, step) = Workload.Units.Select(unit => (unit, UnitOrder.Decide(unit, Workload, Seen, Now))).FirstOrDefault(pair => pair.Item2 is not UnitStep.Leave);
                if (step is UnitStep.Start start) Begin(unit, start);
                else if (step is UnitStep.Stop stop) Stop(unit, stop);
                else return;
            }
        }

        public void End(int unit, int exitCode)
        {
            if (Seen.Latest($"u{unit}") is { State: UnitState.Running } run) Replace(run, run with { State = UnitState.Exited, ExitCode = exitCode, FinishedAt = Now });
        }

        /// <summary>Everything in it is killed; the next step is in a new one.</summary>
        public void LoseEnvironment() => Seen = Seen with
        {
            Runs = [.. Seen.Runs.Select(run => run.State == UnitState.Running
                ? run with { State = UnitState.Exited, ExitCode = 137, FinishedAt = Now, InEnvironment = false }
                : run with { InEnvironment = false })],
        };

        private void Begin(DesiredUnit unit, UnitStep.Start start)
        {
            var mainsBegan = Of(UnitRole.Main).Any(main => Seen.Latest(main.Name) is { InEnvironment: true });
            foreach (var before in Workload.Units.TakeWhile(other => other != unit))
            {
                var run = Seen.Latest(before.Name);
                if (before.Role == UnitRole.Init) Assert.True(mainsBegan || run is { State: UnitState.Exited, ExitCode: 0, InEnvironment: true });
                if (before.Role == UnitRole.Sidecar) Assert.True(mainsBegan || run is { State: UnitState.Running, InEnvironment: true });
            }

            Assert.False(unit.Role == UnitRole.Init && mainsBegan, "an init unit ran beside a main one");
            Seen = Seen with
            {
                Runs = [new UnitRun { Unit = unit.Name, Attempt = start.Attempt, Id = $"{unit.Name}-{start.Attempt}", State = UnitState.Running, StartedAt = Now, Image = "image:1" }, .. Seen.Runs],
            };
        }

        private void Stop(DesiredUnit unit, UnitStep.Stop stop)
        {
            if (unit.Role != UnitRole.Sidecar) Assert.True(UnitOrder.IsOverdue(Workload, Seen, Now));
            else Assert.All(Of(UnitRole.Main), main => Assert.NotEqual(UnitState.Running, Seen.Latest(main.Name)?.State));
            if (unit.Role == UnitRole.Sidecar) Assert.DoesNotContain(Of(UnitRole.Sidecar).SkipWhile(other => other != unit).Skip(1), later => Seen.Latest(later.Name) is { State: UnitState.Running });
            Replace(stop.Run, stop.Run with { State = UnitState.Exited, ExitCode = 143, FinishedAt = Now });
        }

        private IEnumerable<DesiredUnit> Of(UnitRole role) => Workload.Units.Where(unit => unit.Role == role);

        private void Replace(UnitRun old, UnitRun changed) => Seen = Seen with { Runs = Seen.Runs.Replace(old, changed) };
    }
}
