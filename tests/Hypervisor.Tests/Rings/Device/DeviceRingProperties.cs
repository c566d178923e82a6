using CsCheck;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Tests.Rings.Device;

public sealed class DeviceRingProperties
{
    private enum Step
    {
        Admit,
        Take,
        Complete,
        Wake,
        Attach,
        Detach,
    }

    private static readonly Gen<DomainLimits> Limits = Gen.Select(
        Gen.OneOf(1, 3, 100), Gen.OneOf(0L, 1, 7, 1000), Gen.Long[1, 4], Gen.OneOf(0L, 1000, 4096, 99_991), Gen.Long[1, 9000],
        (weight, operations, burstOperations, bytes, burstBytes) => new DomainLimits
        {
            Weight = weight,
            OperationsPerSecond = operations,
            BurstOperations = burstOperations,
            BytesPerSecond = bytes,
            BurstBytes = burstBytes,
        });

    private static readonly Gen<DeviceRingSize> Size = Gen.Select(Gen.OneOf(1, 2, 4, 8, 16), Gen.Int[1, 16], Gen.OneOf(1000L, 1_000_000_000)).Select(
        (slots, depth, ticks) => new DeviceRingSize(slots, Math.Min(slots, depth), ticks, ticks / 2));

    private static readonly Gen<(Step Step, int Which, uint Bytes, int Delay)[]> Steps = Gen.Select(
        Gen.Frequency(
            (12, Gen.Const(Step.Admit)), (6, Gen.Const(Step.Take)), (5, Gen.Const(Step.Complete)), (3, Gen.Const(Step.Wake)),
            (1, Gen.Const(Step.Attach)), (1, Gen.Const(Step.Detach))),
        Gen.Int[0, 1000],
        Gen.OneOf(0u, 512u, 4096u, 20_000u),
        Gen.Frequency((6, Gen.Const(0)), (3, Gen.Int[1, 40]), (1, Gen.Int[100, 900]))).Array[20, 150];

    /// <summary>Whoever asks, takes, completes in whatever order: every answer and every figure is the slow model's.</summary>
    [Fact]
    public void DoesWhatTheModelDoes() => Gen.Select(Size, Limits.Array[1, 6], Steps).Holds(
        (size, limits, steps) =>
        {
            var pair = new Pair(size);
            for (var i = 0; i < steps.Length; i++)
            {
                var (step, which, bytes, delay) = steps[i];
                pair.Now += delay * size.TicksPerSecond / 1000;
                switch (step)
                {
                    case Step.Admit:
                        pair.Admit(which, bytes, (ulong)i);
                        break;
                    case Step.Take:
                        pair.Take();
                        break;
                    case Step.Complete:
                        pair.Complete(which);
                        break;
                    case Step.Wake:
                        pair.Wake();
                        break;
                    case Step.Attach:
                        pair.Attach(limits[which % limits.Length]);
                        break;
                    case Step.Detach:
                        pair.Detach(which);
                        break;
                }

                pair.Compare();
            }

            pair.Drain();
        },
        iter: 3000);

    /// <summary>The ring and its model, given the same.</summary>
    private sealed class Pair
    {
        private readonly DeviceRingSize _size;
        private readonly DeviceRing _ring;
        private readonly RingModel _model;
        private readonly List<(RingMember Member, RingModel.Member Model)> _members = [];
        private readonly Dictionary<ulong, SlotTicket> _tickets = [];
        private int _attached;

        public Pair(DeviceRingSize size)
        {
            _size = size;
            _ring = new DeviceRing(size);
            _model = new RingModel(size);
            Attach(DomainLimits.None);
        }

        public long Now { get; set; } = 77;

        public void Attach(DomainLimits limits)
        {
            if (_model.Members.Count == _size.Slots)
            {
                Assert.Throws<InvalidOperationException>(() => _ring.Attach(limits, Now));
                return;
            }

            var model = new RingModel.Member(_attached++, limits, Now);
            _model.Members.Add(model);
            _members.Add((_ring.Attach(limits, Now), model));
        }

        public void Detach(int which)
        {
            if (_members.Count > 0)
            {
                var (member, model) = _members[which % _members.Count];
                _ring.Detach(member);
                _model.Detach(model);
                _members.Remove((member, model));
                Assert.Throws<ArgumentException>(() => _ring.Admit(member, 1, 0, Now));
                Assert.Equal(_model.SlotsOf(model), member.SlotsInUse);
            }
        }

        public void Admit(int which, uint bytes, ulong cookie)
        {
            if (_members.Count > 0)
            {
                var (member, model) = _members[which % _members.Count];
                var admission = _ring.Admit(member, bytes, cookie, Now);
                Assert.Equal(_model.Admit(model, bytes, cookie, Now), (admission.Outcome, admission.ReadyAt));
                if (admission.Outcome is AdmissionOutcome.Admitted)
                {
                    Assert.DoesNotContain(admission.Ticket, _tickets.Values);
                    _tickets.Add(cookie, admission.Ticket);
                }
                else if (admission.Outcome is AdmissionOutcome.Throttled)
                {
                    Assert.InRange(_ring.NextReadyAt, 0, admission.ReadyAt);
                }
            }
        }

        public void Take()
        {
            var expected = _model.Take();
            Assert.Equal(expected is not null, _ring.TryTake(Now, out var request));
            if (expected is not null)
            {
                Assert.Equal((expected.Cookie, expected.Bytes), (request.Cookie, request.Bytes));
                Assert.Equal(_tickets[expected.Cookie], request.Ticket);
            }
        }

        public void Complete(int which)
        {
            if (_model.Line.Count > 0)
            {
                Assert.Throws<ArgumentException>(() => _ring.Complete(_tickets[_model.Line[^1].Cookie], Now));
            }

            if (_model.AtDevice.Count > 0)
            {
                var request = _model.AtDevice[which % _model.AtDevice.Count];
                _tickets.Remove(request.Cookie, out var ticket);
                _ring.Complete(ticket, Now);
                _model.Complete(request);
                Assert.Throws<ArgumentException>(() => _ring.Complete(ticket, Now));
            }
        }

        public void Wake()
        {
            var expected = _model.Wake(Now);
            Assert.Equal(expected is not null, _ring.TryWake(Now, out var member));
            if (expected is not null)
            {
                Assert.Same(_members.Single(one => one.Model == expected).Member, member);
            }
        }

        public void Compare()
        {
            Assert.Equal(_model.Line.Count, _ring.InLine);
            Assert.Equal(_model.Line.Count + _model.AtDevice.Count, _ring.SlotsInUse);
            foreach (var (member, model) in _members)
            {
                Assert.Equal(
                    (_model.SlotsOf(model), model.Busy, model.Throttled, model.Operations, model.Bytes),
                    (member.SlotsInUse, member.BusyCount, member.ThrottledCount, member.Operations, member.Bytes));
                Assert.Equal(model.Operations, member.ServiceTime.Count);
            }
        }

        /// <summary>Everything that was admitted comes out, and the ring is empty and whole.</summary>
        public void Drain()
        {
            while (_model.Line.Count + _model.AtDevice.Count > 0)
            {
                Take();
                Complete(0);
            }

            Assert.Equal(0, _ring.SlotsInUse);
            _members.ForEach(one => _ring.Detach(one.Member));
            var alone = _ring.Attach(DomainLimits.None, Now);
            var tickets = Enumerable.Range(0, _size.Slots).Select(_ => _ring.Admit(alone, 1, 0, Now)).ToList();
            Assert.All(tickets, one => Assert.Equal(AdmissionOutcome.Admitted, one.Outcome));
            Assert.Equal(_size.Slots, tickets.Select(one => one.Ticket.Slot).Distinct().Count());
            Assert.Equal(AdmissionOutcome.Busy, _ring.Admit(alone, 1, 0, Now).Outcome);
        }
    }
}
