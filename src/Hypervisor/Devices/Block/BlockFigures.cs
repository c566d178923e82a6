namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>What a disk has done. Its loop's thread counts.</summary>
internal sealed class BlockFigures
{
    public long Reads { get; private set; }

    public long Writes { get; private set; }

    public long Flushes { get; private set; }

    /// <summary>Discards and write-zeroes.</summary>
    public long Frees { get; private set; }

    public long ReadBytes { get; private set; }

    public long WrittenBytes { get; private set; }

    /// <summary>Answered with anything but OK.</summary>
    public long Errors { get; set; }

    /// <summary>As they are now.</summary>
    public BlockFigures Copy() => (BlockFigures)MemberwiseClone();

    public void Count(DiskOperation operation, ulong bytes)
    {
        switch (operation)
        {
            case DiskOperation.Read:
                Reads++;
                ReadBytes += (long)bytes;
                break;
            case DiskOperation.Write:
                Writes++;
                WrittenBytes += (long)bytes;
                break;
            case DiskOperation.Flush:
                Flushes++;
                break;
            default:
                Frees++;
                break;
        }
    }
}
