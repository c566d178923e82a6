using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Simulation.Load;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>How full the standard mix fills hosts before the first workload finds no room, beside the better of two simple ways of ranking.</summary>
internal static class PlacementQuality
{
    private const double WithinOnePercent = 0.99;
    private const int Seeds = 5;

    public static IEnumerable<Figure> Measure()
    {
        foreach (var hosts in new[] { 50, 200 })
        {
            var scenarios = Enumerable.Range(1, Seeds).Select(seed => Scenario.Filling(hosts, seed)).ToList();
            var best = scenarios.Sum(one => Math.Max(one.Fill("least-allocated"), one.Fill("best-fit")));
            yield return new Figure($"placed before the first refusal, {Seeds} mixes, {hosts} hosts", scenarios.Sum(one => one.Fill(Profiles.Default)), "pods")
            {
                Peer = best,
                PeerName = "the better of least-allocated and best-fit",
                Goal = WithinOnePercent * best,
                HigherIsBetter = true,
            };
        }
    }
}
