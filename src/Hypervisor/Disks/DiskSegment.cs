namespace Orchestrator.Hypervisor.Disks;

/// <summary>A stretch of a disk that lies in one piece somewhere. Without a file it is zeroes.</summary>
internal readonly record struct DiskSegment(IDiskFile? File, long FileOffset, int Length)
{
    public static DiskSegment Zeroes(int length) => new(null, 0, length);

    /// <summary>Whether this one goes on where the other ends.</summary>
    public bool Follows(DiskSegment other) =>
        File == other.File && (File is null || FileOffset == other.FileOffset + other.Length);
}
