using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The snapshots of a machine's disks: takes those that its object names and that aren't there, removes those that it doesn't name.</summary>
internal sealed class SnapshotsHook : IWorkloadHook
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);
    private readonly ToldRefusals _refusals = new();

    public string Name => "snapshots";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context is not { Driver: ISnapshots driver, Snapshot.Domain: not null }) return HookResult.Done;
        var wanted = context.Desired!.Snapshots;
        var there = context.Snapshot.Snapshots.Select(snapshot => snapshot.Name).ToList();
        var failed = false;

        // Those that go make room for those that come.
        foreach (var name in there.Where(name => !wanted.Contains(name)))
            failed |= !await TryAsync(context, name, "SnapshotRemoved", $"Removed snapshot {name}", () => driver.RemoveSnapshotAsync(context.Id, name, cancellation));
        foreach (var name in wanted.Where(name => !there.Contains(name)))
            failed |= !await TryAsync(context, name, "SnapshotTaken", $"Took snapshot {name}", () => driver.TakeSnapshotAsync(context.Id, name, cancellation));
        if (!there.ToHashSet().SetEquals(wanted))
        {
            await context.RefreshAsync(cancellation);
            context.Publish();
        }

        return failed ? HookResult.DoneUntil(context.Now + RetryAfter) : HookResult.Done;
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation) => Task.CompletedTask;

    private async Task<bool> TryAsync(WorkloadContext context, string name, string reason, string message, Func<Task> change)
    {
        if (!await _refusals.TryAsync(name, change, why => context.Warn("SnapshotFailed", $"Snapshot {name}: {why}"))) return false;
        context.Normal(reason, message);
        return true;
    }
}
