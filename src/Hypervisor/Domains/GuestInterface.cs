using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>One network card of a guest, already validated. Exactly one of <see cref="Bridge"/> and <see cref="Segment"/> is set.</summary>
internal sealed record GuestInterface
{
    public required string Name { get; init; }

    public required string MacAddress { get; init; }

    /// <summary>The host's bridge that its network is.</summary>
    public string? Bridge { get; init; }

    /// <summary>A network of guests alone.</summary>
    public string? Segment { get; init; }

    /// <summary>IPv4 with the length of the prefix; the only ones from which it may speak, if there are any.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    public string Gateway { get; init; } = "";

    /// <summary>The longest packet that it shall send; 0 leaves that to its driver.</summary>
    public int MtuBytes { get; init; }

    /// <summary>Of what it sends; null: none.</summary>
    public DomainLimits? Limits { get; init; }

    public bool Equals(GuestInterface? other) =>
        other is not null
        && (Name, MacAddress, Bridge, Segment, Gateway, MtuBytes, Limits)
        == (other.Name, other.MacAddress, other.Bridge, other.Segment, other.Gateway, other.MtuBytes, other.Limits)
        && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(Name, MacAddress, Bridge, Segment);
}
