using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

/// <summary>PreferredNodeAffinity, ImageLocality and RingPressure.</summary>
public sealed class HostPreferenceTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("zone=a", 20)]
    [InlineData("disk=ssd", 80)]
    [InlineData("zone=a disk=ssd", 100)]
    public void The_weights_of_the_terms_that_match_count(string labels, int expected)
    {
        var host = Host("a") with { Labels = Labels(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries)) };
        var workload = Workload() with
        {
            PreferredHosts = [new PreferredHosts(10, new HostTerm(Requirements("zone=a"))), new PreferredHosts(40, new HostTerm(Requirements("disk in ssd|nvme")))],
        };
        Assert.Equal(expected, Scores.Of("PreferredNodeAffinity", host, workload));
    }

    [Theory]
    [InlineData("gcr.io/40", 0, 0)]                          // 40 MiB on one of two hosts count as 20: below the threshold
    [InlineData("gcr.io/250", 10, 0)]                        // (125 − 23) ÷ (1000 − 23)
    [InlineData("gcr.io/250:latest", 10, 0)]                 // the same image
    [InlineData("gcr.io/4000", 100, 0)]
    [InlineData("gcr.io/both", 48, 48)]                      // on every host: all of it counts
    [InlineData("gcr.io/none", 0, 0)]
    public void A_large_image_that_is_there_counts_by_the_hosts_that_have_it(string image, int first, int second)
    {
        var hosts = new[]
        {
            Host("a") with { Images = [Image("gcr.io/40", 40), Image("gcr.io/250", 250), Image("gcr.io/4000", 4000), Image("gcr.io/both", 500)] },
            Host("b") with { Images = [Image("gcr.io/both", 500)] },
        };
        var scores = Scores.Of("ImageLocality", hosts, Workload() with { Images = [image] });
        Assert.Equal((first, second), (scores["a"], scores["b"]));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(30, 70)]
    [InlineData(100, 0)]
    public void A_host_whose_rings_are_full_scores_low(int percent, int expected) =>
        Assert.Equal(expected, Scores.Of("RingPressure", Host("a") with { RingPressurePercent = percent }, Workload()));

    [Fact]
    public void Of_two_equal_hosts_the_one_with_free_rings_takes_the_workload()
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a") with { RingPressurePercent = 80 }, Host("b")]), [Workload()]);
        Assert.Equal("b", plan.Placements.Single().Host.Value);
    }

    private static HostImage Image(string name, long mebibytes) => new($"{name}:latest", mebibytes * Mebi);
}
