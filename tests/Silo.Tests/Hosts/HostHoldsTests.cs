using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Hosts;

namespace Orchestrator.Silo.Tests.Hosts;

public sealed class HostHoldsTests
{
    private static readonly HostView Host = new(
        new HostName("one"), Ready: true, Unschedulable: false, Labels: [], Taints: [], new ResourceVector { MilliCpu = 4000, Pods = 10 }, Used: default, ["container"]);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void What_is_promised_takes_its_room_until_it_is_redeemed()
    {
        var holds = new HostHolds(_time);
        holds.Promise(Member("a"));
        holds.Promise(Member("b"));
        holds.Promise(Member("b"));
        Assert.Equal((2000, 2), (holds.On(Host).Used.MilliCpu, holds.On(Host).Residents.Count));
        Assert.False(holds.Redeem(Member("a").Key, "another uid"));
        Assert.True(holds.Redeem(Member("a").Key, Member("a").Uid));
        Assert.False(holds.Redeem(Member("a").Key, Member("a").Uid));
        Assert.Equal(1000, holds.On(Host).Used.MilliCpu);
    }

    [Fact]
    public void A_promise_that_nobody_comes_for_ends_by_itself()
    {
        var holds = new HostHolds(_time);
        holds.Promise(Member("a"));
        _time.Advance(TimeSpan.FromSeconds(29));
        holds.Promise(Member("b"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(holds.Redeem(Member("a").Key, Member("a").Uid));
        Assert.Equal(1000, holds.On(Host).Used.MilliCpu);
    }

    private static Resident Member(string name) =>
        new(new ObjectKey(new ResourceId("", "pods"), "default", name), $"uid-{name}", new ResourceVector { MilliCpu = 1000, Pods = 1 }, WorkloadTraits.None, 0, 0);
}
