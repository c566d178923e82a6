using Grpc.Core;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Cri;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The disks of a machine, running or not: those that its object says larger than they are grow.</summary>
internal sealed class GrowthHook : IWorkloadHook
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, string> _toldFailures = [];

    public string Name => "growth";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context is not { Driver: IDiskGrowth driver, Snapshot.Domain: not null }) return HookResult.Done;
        var there = context.Snapshot.Disks.ToDictionary(disk => disk.Disk, disk => disk.Bytes);
        var failed = false;
        foreach (var wanted in context.Desired!.Disks.Where(disk => there.TryGetValue(disk.Disk, out var bytes) && bytes < disk.Bytes))
        {
            try
            {
                await driver.GrowDiskAsync(context.Id, wanted, cancellation);
                _toldFailures.Remove(wanted.Disk);
                context.Normal("DiskGrown", $"Disk {wanted.Disk} has {wanted.Bytes} bytes now");
                await context.RefreshAsync(cancellation);
            }
            catch (RpcException refused) when (CriErrors.IsRefusal(refused))
            {
                failed = true;
                if (_toldFailures.GetValueOrDefault(wanted.Disk) != refused.Status.Detail) context.Warn("DiskNotGrown", refused.Status.Detail);
                _toldFailures[wanted.Disk] = refused.Status.Detail;
            }
        }

        return failed ? HookResult.DoneUntil(context.Now + RetryAfter) : HookResult.Done;
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation) => Task.CompletedTask;
}
