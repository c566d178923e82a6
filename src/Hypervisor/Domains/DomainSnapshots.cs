namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// Snapshots of a domain: all its disks at one moment, while its guest runs or not. One is there when the journal names it; before, and after
/// its removal from the journal, what there is of it in the store is nobody's.
/// </summary>
internal sealed class DomainSnapshots(DomainServices services, CurrentRecord current)
{
    /// <summary>A disk's chain has 16 layers, of which the image's growing and the layer that is written are two.</summary>
    private const int MostSnapshots = 12;

    private DomainRecord Record => current.Record;

    /// <param name="run">Null if no engine runs.</param>
    public async Task<Refusal?> ChangeAsync(string name, bool isWanted, DomainRun? run)
    {
        var isThere = Record.Snapshots.Any(snapshot => snapshot.Name == name);
        if (isWanted)
        {
            return isThere ? null : await TakeAsync(name, run);
        }

        if (isThere)
        {
            current.Change(Record with { Snapshots = [.. Record.Snapshots.Where(snapshot => snapshot.Name != name)] });
        }

        await services.Disks.RemoveSnapshotAsync(Record.Id, name);
        return null;
    }

    private async Task<Refusal?> TakeAsync(string name, DomainRun? run)
    {
        if (Record.Spec is null)
        {
            return new Refusal(RefusalKind.Precondition, $"domain {Record.Id}: {Record.Message}");
        }

        if (Record.Snapshots.Count == MostSnapshots)
        {
            return new Refusal(RefusalKind.Exhausted, $"domain {Record.Id} has {MostSnapshots} snapshots: remove one first");
        }

        // Of an attempt that failed half way.
        await services.Disks.RemoveSnapshotAsync(Record.Id, name);
        try
        {
            await (run is null ? TakeAtRestAsync(Record.Spec, name) : run.SnapshotDisksAsync(name));
        }
        catch (InvalidOperationException full)
        {
            // The store's word: the chain is long already, because the domain is a clone of a clone.
            return new Refusal(RefusalKind.Exhausted, full.Message);
        }

        current.Change(Record with { Snapshots = [.. Record.Snapshots, new DomainSnapshot(name, services.Time.GetUtcNow())] });
        return null;
    }

    private async Task TakeAtRestAsync(GuestSpec spec, string name)
    {
        foreach (var disk in DomainDevices.DisksOf(spec).Where(disk => disk.Name != DomainFolder.ReportDisk && disk.Name != spec.ConfigDrive))
        {
            var opened = await services.Disks.OpenAsync(Record.Id, disk.Name);
            try
            {
                opened = await services.Disks.SnapshotAsync(Record.Id, disk.Name, opened, name);
            }
            finally
            {
                await services.Disks.CloseAsync(Record.Id, disk.Name, opened, isKept: false);
            }
        }
    }
}
