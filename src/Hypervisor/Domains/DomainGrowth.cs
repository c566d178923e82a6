using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// Makes a disk of a domain larger, while its guest runs or not. First the disk, durably, then the journal: cut off in between, the disk is larger
/// than the journal says, and whoever asks again changes the journal only.
/// </summary>
internal sealed class DomainGrowth(DomainServices services, CurrentRecord current)
{
    private DomainRecord Record => current.Record;

    /// <param name="run">Null if no engine runs.</param>
    public async Task<Refusal?> GrowAsync(DiskGrowth growth, DomainRun? run)
    {
        if (Record.Spec is not { } spec)
        {
            return new Refusal(RefusalKind.Precondition, $"domain {Record.Id}: {Record.Message}");
        }

        if (growth.Disk != DomainFolder.RootDisk && spec.Disks.All(disk => disk.Name != growth.Disk))
        {
            return new Refusal(RefusalKind.NotFound, $"domain {Record.Id} has no disk {growth.Disk} that could grow");
        }

        var bytes = LayerFormat.InClusters(growth.Bytes);
        var had = await (run is null ? GrowAtRestAsync(growth.Disk, bytes) : run.GrowDiskAsync(growth.Disk, bytes));
        if (had > bytes)
        {
            return new Refusal(RefusalKind.Invalid, $"bytes: disk {growth.Disk} of domain {Record.Id} has {had} bytes and can't shrink to {growth.Bytes}");
        }

        var grown = growth.Disk == DomainFolder.RootDisk
            ? spec with { RootDiskBytes = growth.Bytes }
            : spec with { Disks = [.. spec.Disks.Select(disk => disk.Name == growth.Disk ? disk with { Bytes = growth.Bytes } : disk)] };
        if (grown != spec)
        {
            current.Change(Record with { Spec = grown });
        }

        return null;
    }

    /// <summary>How large it was.</summary>
    private async Task<long> GrowAtRestAsync(string disk, long bytes)
    {
        var opened = await services.Disks.OpenAsync(Record.Id, disk);
        try
        {
            return await services.Disks.GrowAsync(opened, bytes);
        }
        finally
        {
            await services.Disks.CloseAsync(Record.Id, disk, opened, isKept: false);
        }
    }
}
