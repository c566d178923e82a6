using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>What one port of a switch may do.</summary>
internal sealed record PortRules
{
    public const int DefaultMostAddresses = 1024;

    /// <summary>Ports of one number see each other, and nobody else.</summary>
    public required uint NetworkId { get; init; }

    /// <summary>A guest's one address: it sends from no other, and everything for it comes here. Null: an uplink, behind which many are.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>The IPv4 addresses from which a guest may speak, in host order, and then never by IPv6; empty: any.</summary>
    public IReadOnlyList<uint> InternetAddresses { get; init; } = [];

    /// <summary>How many addresses are remembered behind an uplink.</summary>
    public int MostAddresses { get; init; } = DefaultMostAddresses;

    /// <summary>Operations are frames. A port that has used its rate waits, and its guest with it.</summary>
    public DomainLimits Limits { get; init; } = DomainLimits.None;
}
