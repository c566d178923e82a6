using CsCheck;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Tests.Rings.Device;

public sealed class DeviceRingTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(8, 9)]
    [InlineData(8, 0)]
    [InlineData(2 * DeviceRing.MostSlots, 1)]
    public void ASizeThatIsNoneIsRefused(int slots, int depth) =>
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => new DeviceRing(new DeviceRingSize(slots, depth, Second, Second)));

    /// <summary>A domain that always asks gets its rate exactly, in operations or in bytes, for an hour; the others have the ring.</summary>
    [Theory]
    [InlineData(7, 0)]
    [InlineData(0, 10_000_019)]
    public void ARateIsHeldExactly(long operations, long bytes)
    {
        const int Hour = 3600;
        const uint Size = 1 << 20;
        var ring = new DeviceRing(DeviceRingSize.Default(Second));
        var limits = new DomainLimits { OperationsPerSecond = operations, BytesPerSecond = bytes, BurstOperations = 5, BurstBytes = 5 * Size };
        var member = ring.Attach(limits, 0);
        var other = ring.Attach(DomainLimits.None, 0);
        for (var now = 0L; now <= Hour * Second;)
        {
            var admission = ring.Admit(member, Size, 0, now);
            if (admission.Outcome is AdmissionOutcome.Throttled)
            {
                Assert.Equal(admission.ReadyAt, ring.NextReadyAt);
                Assert.False(ring.TryWake(admission.ReadyAt - 1, out _));
                now = admission.ReadyAt;
                Assert.Equal(AdmissionOutcome.Admitted, ring.Admit(other, Size, 0, now).Outcome);
                if (now <= Hour * Second)
                {
                    Assert.True(ring.TryWake(now, out var woken));
                    Assert.Same(member, woken);
                }
            }

            while (ring.TryTake(now, out var request))
            {
                ring.Complete(request.Ticket, now);
            }
        }

        var expected = operations > 0 ? 5 + operations * Hour : 5 + bytes * Hour / Size;
        Assert.Equal(expected, member.Operations);
    }

    [Fact]
    public void NothingIsAllocatedForARequest()
    {
        var ring = new DeviceRing(new DeviceRingSize(8, 4, Second, Second));
        var limited = ring.Attach(new DomainLimits { OperationsPerSecond = 1000, BytesPerSecond = 1 << 20 }, 0);
        var free = ring.Attach(DomainLimits.None, 0);
        var outcomes = new long[3];
        Drive(0, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Drive(100, 20_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.All(outcomes, count => Assert.True(count > 1000));

        void Drive(long from, long to)
        {
            for (var step = from; step < to; step++)
            {
                var now = step * 100_000;
                for (var i = 0; i < 5; i++)
                {
                    outcomes[(int)ring.Admit(free, 4096, 1, now).Outcome]++;
                    outcomes[(int)ring.Admit(limited, 4096, 1, now).Outcome]++;
                }

                while (ring.TryTake(now, out var request))
                {
                    ring.Complete(request.Ticket, now);
                }

                while (ring.TryWake(now, out _))
                {
                }
            }
        }
    }

    [Fact]
    public void QueueAndServiceTimesAreToldApart()
    {
        var ring = new DeviceRing(new DeviceRingSize(4, 1, Second, Second));
        var member = ring.Attach(DomainLimits.None, 0);
        ring.Admit(member, 512, 0, 0);
        ring.Admit(member, 512, 0, 0);
        Assert.True(ring.TryTake(0, out var first));
        Assert.False(ring.TryTake(0, out _));
        ring.Complete(first.Ticket, 3_000_000);
        Assert.True(ring.TryTake(3_000_000, out var second));
        ring.Complete(second.Ticket, 3_040_000);

        Assert.InRange(member.QueueTime.QuantileNanoseconds(1), 3_000_001, 3_750_000);
        Assert.Equal(1000, member.QueueTime.QuantileNanoseconds(0.5));
        Assert.InRange(member.ServiceTime.QuantileNanoseconds(1), 3_000_001, 3_750_000);
        Assert.InRange(member.ServiceTime.QuantileNanoseconds(0.5), 40_001, 50_000);
    }

    [Fact]
    public void ABucketHoldsWhatItsEdgesSay() => Gen.OneOf(Gen.Long[0, 10_000], Gen.Long[0, 200_000_000_000], Gen.Const(long.MaxValue)).Holds(time =>
    {
        var bucket = LatencyHistogram.BucketOf(time);
        Assert.InRange(time, bucket == 0 ? 0 : LatencyHistogram.UpperEdgeNanoseconds(bucket - 1), LatencyHistogram.UpperEdgeNanoseconds(bucket));
        if (bucket is > 0 and < LatencyHistogram.Buckets - 1)
        {
            Assert.InRange(LatencyHistogram.UpperEdgeNanoseconds(bucket), time + 1, time + time / 4 + 1);
        }
    });
}
