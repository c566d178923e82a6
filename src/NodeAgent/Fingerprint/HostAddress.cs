using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Orchestrator.NodeAgent.Fingerprint;

/// <summary>The address of this host: the first IPv4 address of an interface that is up, is not the loopback and is none of the pods' network.</summary>
internal sealed class HostAddress
{
    private static readonly string[] PodInterfaces = ["cni", "veth", "docker", "virbr", "pods", "vms"];

    public string Value { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .Where(card => !PodInterfaces.Any(prefix => card.Name.StartsWith(prefix, StringComparison.Ordinal)))
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .FirstOrDefault(address => address.Address.AddressFamily == AddressFamily.InterNetwork)?.Address.ToString() ?? "127.0.0.1";
}
