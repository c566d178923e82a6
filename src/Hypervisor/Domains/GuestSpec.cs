using System.Text.Json.Serialization;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>What was asked for, in dom0's own terms: the journal's form of the contract's DomainSpec, already validated.</summary>
internal sealed record GuestSpec
{
    public required string Engine { get; init; }

    public required int Vcpus { get; init; }

    public required long MemoryBytes { get; init; }

    public required string RootImageDigest { get; init; }

    /// <summary>0: as large as the image's file system.</summary>
    public required long RootDiskBytes { get; init; }

    /// <summary>Null: none.</summary>
    public DomainLimits? RootDiskLimits { get; init; }

    public required string Hostname { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    public required string Label { get; init; }

    /// <summary>Beside the root disk, in the order in which the guest finds them.</summary>
    public IReadOnlyList<GuestDisk> Disks { get; init; } = [];

    /// <summary>Whose snapshot its disks are clones of; null if they are made of images.</summary>
    public CloneSource? Source { get; init; }

    /// <summary>The name and the label of its config drive; null if it has none.</summary>
    public string? ConfigDrive { get; init; }

    /// <summary>The digests of all images that its disks are made of.</summary>
    [JsonIgnore]
    public IEnumerable<string> Images => Disks.Select(disk => disk.ImageDigest).Append(RootImageDigest);

    /// <summary>Its network cards, in its order.</summary>
    public IReadOnlyList<GuestInterface> Interfaces { get; init; } = [];

    public bool Equals(GuestSpec? other) =>
        other is not null
        && (Engine, Vcpus, MemoryBytes, RootImageDigest, RootDiskBytes, Hostname, Label)
        == (other.Engine, other.Vcpus, other.MemoryBytes, other.RootImageDigest, other.RootDiskBytes, other.Hostname, other.Label)
        && Command.SequenceEqual(other.Command)
        && Arguments.SequenceEqual(other.Arguments)
        && Environment.SequenceEqual(other.Environment)
        && Disks.SequenceEqual(other.Disks)
        && Interfaces.SequenceEqual(other.Interfaces)
        && Source == other.Source
        && RootDiskLimits == other.RootDiskLimits
        && ConfigDrive == other.ConfigDrive;

    public override int GetHashCode() => HashCode.Combine(Engine, Vcpus, MemoryBytes, RootImageDigest, Hostname, Label);
}
