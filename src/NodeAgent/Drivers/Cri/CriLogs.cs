using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Logs;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>A container's log: the newest run's, or with "previous" that of the run before.</summary>
internal sealed class CriLogs(CriDriver driver, PodLogPaths paths, LogFollower follower)
{
    public async Task<StreamEnd> ReadAsync(LogsTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        var id = WorkloadId.From(target.Workload);
        var snapshot = await driver.GetAsync(id, cancellation);
        var runs = snapshot.Runs.Where(run => run.Unit == target.Container).ToList();
        var run = runs.ElementAtOrDefault(target.Previous ? 1 : 0);
        if (run is null)
            return StreamEnd.NotFound(target.Previous && runs.Count > 0
                ? $"previous terminated container \"{target.Container}\" in {id} not found"
                : $"container \"{target.Container}\" in {id} has not started");
        var query = new LogQuery(
            paths.OfRun(id, run.Unit, run.Attempt),
            target.Follow,
            target.HasTailLines ? target.TailLines : null,
            target.HasSinceSeconds ? TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(target.SinceSeconds) : null,
            target.Timestamps,
            token => HasEndedAsync(id, run, token));
        return await follower.ReadAsync(query, stream.WriteOutputAsync, cancellation)
            ? StreamEnd.Completed
            : StreamEnd.NotFound($"the log of container \"{target.Container}\" in {id} isn't there");
    }

    private async Task<bool> HasEndedAsync(WorkloadId id, UnitRun run, CancellationToken cancellation)
    {
        var now = (await driver.GetAsync(id, cancellation)).Runs.FirstOrDefault(known => known.Id == run.Id);
        return now is null or { State: UnitState.Exited };
    }
}
