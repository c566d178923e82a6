using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests;

public sealed class ExplanationTests
{
    [Fact]
    public void The_summary_counts_reasons_and_names_the_nearest_host()
    {
        var snapshot = ClusterSnapshot.Of(
        [
            Host("host-1"),
            Host("host-2") with { Labels = Labels("disk=ssd"), Used = Amounts(memory: 4 * Gibi) },
            Host("host-3") with { Labels = Labels("disk=hdd") },
        ]);
        var explanation = Planner.Explain(snapshot, Workload() with { Selector = Labels("disk=ssd"), Requests = Amounts(memory: 64 * Gibi, pods: 1) });
        Assert.Equal(
            "0/3 hosts are available: 1 insufficient memory (needs 64Gi, nearest host-2 has 12Gi free), 2 not matching nodeSelector disk=ssd.",
            explanation.Summary);
        Assert.Equal(["NodeSelector:2", "Resources:1"], explanation.Removals.Select(removal => $"{removal.Rule}:{removal.Hosts}"));
    }

    [Fact]
    public void The_nearest_hosts_come_with_all_that_each_lacks()
    {
        var snapshot = ClusterSnapshot.Of(
        [
            Host("far") with { Ready = false, NotReadyMessage = "its lease expired", Taints = [Taint("dedicated=db:NoSchedule")] },
            Host("near") with { Used = Amounts(3500, 16 * Gibi - 1, 0, 110) },
            Host("middle") with { Used = Amounts(3900) },
        ]);
        var explanation = Planner.Explain(snapshot, Workload() with { Requests = Amounts(1000, 1, 0, 1) });
        Assert.Equal(["middle", "near", "far"], explanation.Nearest.Select(near => near.Host.Value));
        Assert.Equal(["insufficient cpu: needs 1, has 100m of 4 free"], explanation.Nearest[0].Lacks.Select(lack => lack.ToString()));
        Assert.Equal(
            ["insufficient cpu: needs 1, has 500m of 4 free", "full: needs 1, has 0 of 110 free"],
            explanation.Nearest[1].Lacks.Select(lack => lack.ToString()));
        Assert.Equal(
            ["not ready: its lease expired", "with untolerated taint dedicated=db:NoSchedule"],
            explanation.Nearest[2].Lacks.Select(lack => lack.ToString()));
    }

    [Fact]
    public void At_most_five_near_misses_and_twenty_feasible_hosts_of_any_number()
    {
        var hosts = Enumerable.Range(0, 200).Select(i => Host($"host-{i:000}") with { Ready = i % 2 == 0 });
        var explanation = Planner.Explain(ClusterSnapshot.Of(hosts), Workload());
        Assert.Equal((200, 100, 20, 5), (explanation.Hosts, explanation.FeasibleHosts, explanation.Feasible.Count, explanation.Nearest.Count));
        Assert.Equal("100/200 hosts are available: 100 not ready.", explanation.Summary);
    }

    [Fact]
    public void Feasible_hosts_are_ordered_as_the_planner_would_choose()
    {
        var snapshot = ClusterSnapshot.Of([Host("busy") with { Used = Amounts(2000, 8 * Gibi, 0, 4) }, Host("idle"), Host("idle-too")]);
        var explanation = Planner.Explain(snapshot, Workload());
        Assert.Equal(["idle", "idle-too", "busy"], explanation.Feasible.Select(host => host.Host.Value));
        Assert.Equal(explanation.Feasible[0].Host, Planner.Plan(snapshot, [Workload()]).Placements[0].Host);
    }

    [Theory]
    [InlineData(64 * Gibi, 12 * Gibi, "needs 64Gi, has 12Gi of 16Gi free")]
    [InlineData(Gibi, Gibi - 1, "needs 1Gi, has 1023.9Mi of 16Gi free")]
    [InlineData(Gibi + 2, Gibi + 1, "needs 1073741826, has 1073741825 of 16Gi free")]   // rounding would hide the difference
    [InlineData(100 * Mebi, -Mebi / 2, "needs 100Mi, has -512Ki of 16Gi free")]
    public void Amounts_are_short_but_never_hide_the_shortage(long needs, long free, string text) =>
        Assert.Equal(text, new Shortage("memory", needs, free, 16 * Gibi).ToString());

    [Fact]
    public void Each_lack_says_what_would_mend_it()
    {
        var snapshot = ClusterSnapshot.Of(
        [
            Host("cordoned") with { Unschedulable = true },
            Host("busy") with { Used = Amounts(3500, 16 * Gibi) },
            Host("tainted") with { Taints = [Taint("dedicated=db:NoSchedule")] },
            Host("full") with { Used = Amounts(pods: 110) },
        ]);
        var explanation = Planner.Explain(snapshot, Workload() with { Requests = Amounts(1000, Gibi, 0, 1) });
        Assert.Equal(
            [
                "busy: request at most 500m of cpu, or free 500m of cpu there; free 1Gi of memory there",
                "cordoned: orc uncordon cordoned",
                "full: end a workload there",
                "tainted: tolerate dedicated=db:NoSchedule, or take the taint off the host",
            ],
            explanation.Nearest.OrderBy(near => near.Host.Value, StringComparer.Ordinal)
                .Select(near => $"{near.Host}: {string.Join("; ", near.Lacks.Select(lack => lack.Remedy))}"));
    }

    [Fact]
    public void What_no_emptying_of_a_host_would_mend_is_told_to_be_smaller_or_nothing()
    {
        Assert.Equal("request at most 12Gi of memory", new Shortage("memory", 64 * Gibi, 12 * Gibi, 16 * Gibi).Remedy);
        Assert.Equal("nothing helps: the host has 0 of example.com/gpu in all", new Shortage("example.com/gpu", 1, 0, 0).Remedy);
    }

    [Fact]
    public void Very_many_different_reasons_stay_readable()
    {
        var hosts = Enumerable.Range(0, 100).Select(i => Host($"host-{i:000}") with { Taints = [Taint($"tenant-{i}:NoSchedule")] });
        var explanation = Planner.Explain(ClusterSnapshot.Of(hosts), Workload());
        Assert.True(explanation.Summary.Length < 500, explanation.Summary);
        Assert.Equal(100, explanation.Removals.Single().Hosts);
        Assert.Equal("100 reasons", $"{explanation.Removals.Single().DistinctReasons} reasons");
    }
}
