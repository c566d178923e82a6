using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The disks of a machine, running or not: those that its object says larger than they are grow.</summary>
internal sealed class GrowthHook : IWorkloadHook
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);
    private readonly ToldRefusals _refusals = new();

    public string Name => "growth";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context is not { Driver: IDiskGrowth driver, Snapshot.Domain: not null }) return HookResult.Done;
        var there = context.Snapshot.Disks.ToDictionary(disk => disk.Disk, disk => disk.Bytes);
        var failed = false;
        foreach (var wanted in context.Desired!.Disks.Where(disk => there.TryGetValue(disk.Disk, out var bytes) && bytes < disk.Bytes))
        {
            if (!await _refusals.TryAsync(wanted.Disk, () => driver.GrowDiskAsync(context.Id, wanted, cancellation), why => context.Warn("DiskNotGrown", why)))
            {
                failed = true;
                continue;
            }

            context.Normal("DiskGrown", $"Disk {wanted.Disk} has {wanted.Bytes} bytes now");
            await context.RefreshAsync(cancellation);
        }

        return failed ? HookResult.DoneUntil(context.Now + RetryAfter) : HookResult.Done;
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation) => Task.CompletedTask;
}
