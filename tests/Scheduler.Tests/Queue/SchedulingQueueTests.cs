using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Scheduler.Tests.Queue;

public sealed class SchedulingQueueTests
{
    private readonly SchedulingQueue _queue = new();

    [Fact]
    public void The_more_important_go_first_and_namespaces_take_turns()
    {
        for (var at = 0; at < 5; at++) Add($"crowd/{at}", sequence: at);
        Add("small/0", sequence: 50);
        Add("small/1", sequence: 51);
        Add("late/urgent", priority: 9, sequence: 99);
        Assert.Equal("late/urgent crowd/0 small/0 crowd/1 small/1", Take(5));
        foreach (var placed in new[] { "late/urgent", "crowd/0", "small/0", "crowd/1", "small/1" }) _queue.Remove(Key(placed));
        Assert.Equal("crowd/2 crowd/3 crowd/4", Take(5));
    }

    [Theory]
    [InlineData(ClusterEvents.WorkloadGone, true)]
    [InlineData(ClusterEvents.WorkloadPlaced, false)]
    [InlineData(ClusterEvents.Anything, true)]
    public void What_waits_comes_back_with_an_event_that_can_help(ClusterEvents happened, bool back)
    {
        Add("default/web");
        Take();
        _queue.Unplaced(Key("default/web"), ClusterEvents.HostChanged | ClusterEvents.WorkloadGone, now: 0);
        Assert.Null(_queue.NextAt());
        _queue.Happened(happened);
        Assert.Equal(back ? "default/web" : "", Take(now: 60_000));
    }

    [Theory]
    [InlineData(ClusterEvents.WorkloadGone, true)]
    [InlineData(ClusterEvents.WorkloadPlaced, false)]
    public void What_happens_while_it_is_tried_is_not_lost(ClusterEvents happened, bool back)
    {
        Add("default/web");
        Take();
        _queue.Happened(happened);
        _queue.Unplaced(Key("default/web"), ClusterEvents.WorkloadGone, now: 0);
        Assert.Equal(back ? SchedulingQueue.FirstPauseMilliseconds : null, _queue.NextAt());
    }

    [Fact]
    public void The_pause_grows_up_to_a_bound()
    {
        Add("default/web");
        var (now, pauses) = (0L, new List<long>());
        for (var at = 0; at < 9; at++)
        {
            Assert.Equal("default/web", Take(now: now));
            _queue.Unplaced(Key("default/web"), ClusterEvents.WorkloadGone, now);
            _queue.Happened(ClusterEvents.WorkloadGone);
            Assert.Equal("", Take(now: now));
            pauses.Add(_queue.NextAt()!.Value - now);
            now = _queue.NextAt()!.Value;
        }

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000], pauses);
    }

    [Fact]
    public void Its_own_change_brings_it_back_at_once_but_not_the_same_version()
    {
        Add("default/web");
        Take();
        _queue.Unplaced(Key("default/web"), ClusterEvents.None, now: 0);
        Add("default/web");
        Assert.Equal("", Take(now: 60_000));
        Add("default/web", version: 2);
        Assert.Equal("default/web", Take(now: 0));

        Add("default/web", version: 3);
        _queue.Unplaced(Key("default/web"), ClusterEvents.None, now: 0);
        Assert.Equal("default/web", Take(now: 0));
    }

    [Fact]
    public void A_refusal_is_tried_again_at_once_the_next_ones_later()
    {
        Add("default/web");
        var ready = new List<long>();
        for (var at = 0; at < 3; at++)
        {
            Take(now: 1_000);
            _queue.Refused(Key("default/web"), 0);
            ready.Add(_queue.NextAt()!.Value);
        }

        Assert.Equal([0, 200, 400], ready);
    }

    /// <summary>Members with different pauses would never meet: each would find the other missing.</summary>
    [Fact]
    public void Members_of_a_group_are_tried_together_whatever_their_pauses()
    {
        _queue.Add(Key("default/first"), 1, 0, 0, "training");
        _queue.Add(Key("other/third"), 1, 0, 0, "training");
        Take();
        foreach (var early in new[] { "default/first", "other/third" }) _queue.Unplaced(Key(early), ClusterEvents.GroupChanged, now: 0);
        _queue.Happened(ClusterEvents.GroupChanged);
        Assert.Equal("", Take(now: 0));
        _queue.Add(Key("default/second"), 1, 0, 1, "training");
        Assert.Equal("default/second default/first", Take(now: 0));
    }

    [Fact]
    public void What_a_failed_pass_never_settled_is_tried_again()
    {
        Add("default/web");
        Assert.Equal("default/web", Take());
        Assert.Equal("default/web", Take());
    }

    [Fact]
    public void What_is_placed_or_gone_is_forgotten()
    {
        Add("default/web");
        Take();
        _queue.Remove(Key("default/web"));
        _queue.Unplaced(Key("default/web"), ClusterEvents.Anything, 0);
        _queue.Happened(ClusterEvents.Anything);
        Assert.Equal(0, _queue.Count);
    }

    [Theory]
    [InlineData("gate", ClusterEvents.None)]
    [InlineData("cpu", ClusterEvents.HostChanged | ClusterEvents.WorkloadGone)]
    [InlineData("near", ClusterEvents.HostChanged | ClusterEvents.WorkloadPlaced)]
    [InlineData("apart", ClusterEvents.HostChanged | ClusterEvents.WorkloadGone)]
    [InlineData("selector", ClusterEvents.HostChanged)]
    public void Each_rule_names_what_can_help(string wish, ClusterEvents expected)
    {
        var host = Make.Host("a").With(Make.Workload("there").Labelled("app=there")) with { Labels = Make.Labels("zone=1") };
        var traits = new WorkloadTraits { Namespace = "default" };
        var workload = wish switch
        {
            "gate" => Make.Workload() with { Gates = ["g"] },
            "cpu" => Make.Workload() with { Requests = Make.Amounts(9000) },
            "near" => Make.Workload() with { Traits = traits with { Affinity = [Make.Term("zone", "app=none")] } },
            "apart" => Make.Workload() with { Traits = traits with { AntiAffinity = [Make.Term("zone", "app=there")] } },
            _ => Make.Workload() with { Selector = Make.Labels("disk=ssd") },
        };
        Assert.Equal(expected, Planner.Plan(ClusterSnapshot.Of([host]), [workload]).Unplaced.Single().HelpedBy);
    }

    private void Add(string name, long version = 1, int priority = 0, long sequence = 0) => _queue.Add(Key(name), version, priority, sequence);

    private string Take(int most = 100, long now = 0) => string.Join(' ', _queue.Take(most, now).Select(key => $"{key.Namespace}/{key.Name}"));

    private static ObjectKey Key(string name) => new(new ResourceId("", "pods"), name.Split('/')[0], name.Split('/')[1]);
}
