using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>A snapshot of another domain of this host.</summary>
internal sealed record CloneSource(string Domain, string Snapshot);

/// <summary>A disk of a guest beside its root disk. The guest finds its name as the serial number.</summary>
/// <param name="Bytes">0: as large as the image's file system.</param>
/// <param name="ImageDigest">What it is made of; empty for a disk of zeroes.</param>
internal sealed record GuestDisk(string Name, long Bytes, string ImageDigest, bool IsReadOnly)
{
    /// <summary>Null: none.</summary>
    public DomainLimits? Limits { get; init; }
}
