using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Tests.Rings.Device;

/// <summary>A device that serves <c>Depth</c> requests at once in <c>Service</c> ticks each; domains that ask in lock step with it.</summary>
public sealed class FairnessTests
{
    private const int Slots = 64;
    private const int Depth = 8;
    private const int Service = 100;
    private const int Others = 7;
    private const int Rounds = 2000;

    /// <summary>
    /// One domain floods, seven ask for one thing at a time. Nobody of the seven ever waits for more than what may be before it: the
    /// flooder's share and one request of each other.
    /// </summary>
    [Fact]
    public void AFloodingDomainDelaysTheOthersByItsShareOnly()
    {
        var calm = Run(flooding: false, floodWeight: DomainLimits.DefaultWeight);
        var flooded = Run(flooding: true, floodWeight: DomainLimits.DefaultWeight);
        var share = 1 + (Slots - Others - 1) / (Others + 1);
        var services = (share + Others - 1 + Depth - 1) / Depth + 1;
        Assert.Equal(0, flooded.Busy);
        Assert.InRange(flooded.LongestWait, 1, services * Service);
        Assert.InRange(flooded.LongestWait, 0, 2 * calm.LongestWait);
        Assert.True(flooded.FloodServed > flooded.OthersServed, "the flooder takes what the others leave");

        // The same flooder with nearly all of the weight shows what the bound is worth.
        Assert.True(Run(flooding: true, floodWeight: DomainLimits.LargestWeight).LongestWait > 2 * flooded.LongestWait);
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(100, 300)]
    [InlineData(10, 1000)]
    public void FloodingDomainsAreServedByWeight(int weight, int other)
    {
        var ring = new DeviceRing(new DeviceRingSize(Slots, Depth, 1_000_000, 100_000));
        var members = new[] { weight, other }.Select(one => ring.Attach(new DomainLimits { Weight = one }, 0)).ToArray();
        var device = new Queue<SlotTicket>();
        long[] before = [];
        for (var now = 0L; now < Rounds * Service; now += Service)
        {
            // The ring that the first of them filled while it was alone has drained.
            if (now == 100 * Service)
            {
                before = [.. members.Select(member => member.Operations)];
            }

            Finish(ring, device, now);
            foreach (var member in members)
            {
                Flood(ring, member, now);
            }

            Start(ring, device, now);
        }

        // What rounding leaves is nobody's share and goes to who asks first.
        var left = Slots - members[0].Share - members[1].Share;
        Assert.InRange(left, 0, 1);
        Assert.InRange(
            (double)(members[1].Operations - before[1]) / (members[0].Operations - before[0]),
            0.95 * members[1].Share / (members[0].Share + left),
            1.05 * (members[1].Share + left) / members[0].Share);
    }

    [Fact]
    public void ADomainAloneHasTheWholeRingAndGivesItUpToANewcomer()
    {
        var ring = new DeviceRing(new DeviceRingSize(Slots, Depth, 1_000_000, 100_000));
        var first = ring.Attach(DomainLimits.None, 0);
        var second = ring.Attach(DomainLimits.None, 0);
        Flood(ring, first, 0);
        Assert.Equal(Slots, first.SlotsInUse);
        Assert.Equal(AdmissionOutcome.Busy, ring.Admit(second, 1, 0, 1).Outcome);

        // The first slot that comes free is the newcomer's, however often the other asks before it.
        Assert.False(ring.TryWake(2, out _));
        Assert.True(ring.TryTake(2, out var request));
        ring.Complete(request.Ticket, 3);
        Assert.Equal(AdmissionOutcome.Busy, ring.Admit(first, 1, 0, 3).Outcome);
        Assert.True(ring.TryWake(4, out var woken));
        Assert.Same(second, woken);
        Assert.Equal(AdmissionOutcome.Admitted, ring.Admit(second, 1, 0, 4).Outcome);
    }

    private static (long LongestWait, long Busy, long OthersServed, long FloodServed) Run(bool flooding, int floodWeight)
    {
        var ring = new DeviceRing(new DeviceRingSize(Slots, Depth, 1_000_000, 1_000_000));
        var flooder = ring.Attach(new DomainLimits { Weight = floodWeight }, 0);
        var others = Enumerable.Range(0, Others).Select(_ => ring.Attach(DomainLimits.None, 0)).ToArray();
        var device = new Queue<SlotTicket>();
        var (asked, longest) = (new long[Others], 0L);
        Array.Fill(asked, -1);
        for (var now = 0L; now < Rounds * Service; now += Service)
        {
            // One step of all before the flooder begins, so that everybody is known.
            Finish(ring, device, now);
            if (flooding && now > 0)
            {
                Flood(ring, flooder, now);
            }

            for (var i = 0; i < Others; i++)
            {
                if (others[i].SlotsInUse == 0)
                {
                    longest = Math.Max(longest, asked[i] < 0 ? 0 : now - asked[i]);
                    asked[i] = ring.Admit(others[i], 4096, 0, now).Outcome is AdmissionOutcome.Admitted ? now : asked[i];
                }
            }

            Start(ring, device, now);
        }

        return (longest, others.Sum(one => one.BusyCount), others.Sum(one => one.Operations) / Others, flooder.Operations);
    }

    private static void Flood(DeviceRing ring, RingMember member, long now)
    {
        while (ring.Admit(member, 4096, 0, now).Outcome is AdmissionOutcome.Admitted)
        {
        }
    }

    private static void Start(DeviceRing ring, Queue<SlotTicket> device, long now)
    {
        while (ring.TryTake(now, out var request))
        {
            device.Enqueue(request.Ticket);
        }
    }

    private static void Finish(DeviceRing ring, Queue<SlotTicket> device, long now)
    {
        while (device.TryDequeue(out var ticket))
        {
            ring.Complete(ticket, now);
        }
    }
}
