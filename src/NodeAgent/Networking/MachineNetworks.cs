using System.Security.Cryptography;
using System.Text;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Machine;
using Orchestrator.NodeAgent.Options;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>The cards of a machine that is to be made, or why it can't have them.</summary>
internal readonly record struct CardsOutcome(IReadOnlyList<NetworkInterface> Cards, StepOutcome Outcome);

/// <summary>
/// From the networks that a machine's object names to the cards that dom0 gives it. On the pods' network it has an address of the pods'
/// pool, for as long as its domain exists; a segment is among machines only, and its addresses are the object's.
/// </summary>
internal sealed class MachineNetworks(AgentOptions options, MachineLeases leases, AddressPool pool, HostBridge bridge)
{
    private const string DefaultNetwork = "default";
    private const int LongestGuestPacket = 1500;
    private static readonly MachineNetwork Default = new() { Name = DefaultNetwork, Pod = new PodNetworkSource() };

    public static MachineNetworks Open(AgentOptions options, HostTools tools) => new(
        options, new MachineLeases(Path.Join(options.Data, "machines")), new AddressPool(options, tools), new HostBridge(tools));

    /// <summary>Everyone who holds an address, whether or not there is a domain.</summary>
    public IEnumerable<WorkloadId> Holders() => leases.All().Select(lease => lease.Id);

    public async Task<CardsOutcome> ProvideAsync(DesiredWorkload workload, CancellationToken cancellation)
    {
        var machine = workload.Machine!.Spec;
        var cards = new List<NetworkInterface>();
        foreach (var network in machine.Networks.Count > 0 ? [.. machine.Networks] : (MachineNetwork[])[Default])
        {
            var settings = machine.Interfaces.FirstOrDefault(one => one.Name == network.Name);
            var card = new NetworkInterface
            {
                Name = network.Name,
                MacAddress = settings is { MacAddress.Length: > 0 } ? settings.MacAddress : MacAddressOf(workload.Id.Uid, network.Name),
                Limits = DomainSpecs.LimitsOf(settings?.Limits),
            };
            if (network.Pod is null)
            {
                // Of the machine's namespace, so that no other can join it.
                card.Segment = $"{workload.Id.Namespace}/{network.Segment}";
                card.Addresses.AddRange(settings?.Addresses ?? []);
            }
            else
            {
                var (lease, outcome) = await HoldAsync(workload.Id, cancellation);
                if (lease is null) return new CardsOutcome([], outcome);
                card.Bridge = lease.Network.Bridge;
                card.Addresses.Add(lease.Address!.Address);
                card.Gateway = lease.Address.Gateway;
                // A guest's card has no longer packets than the switch carries, however long those of pods are.
                card.MtuBytes = Math.Min(lease.Network.MtuBytes, LongestGuestPacket);
            }

            cards.Add(card);
        }

        return new CardsOutcome(cards, StepOutcome.Done);
    }

    /// <summary>Before each start: the host may have been restarted since the last.</summary>
    public async Task PrepareAsync(WorkloadId id, CancellationToken cancellation)
    {
        if (leases.Find(id.Uid) is { Address: { } address } lease) await bridge.EnsureAsync(lease.Network, address, cancellation);
    }

    /// <summary>When there is no domain any more. Idempotent.</summary>
    public async Task ReleaseAsync(WorkloadId id, CancellationToken cancellation)
    {
        if (leases.Find(id.Uid) is not { } lease) return;
        await pool.GiveBackAsync(id.Uid, lease.Network, cancellation);
        leases.Remove(id.Uid);
    }

    private async Task<(MachineLease? Lease, StepOutcome Outcome)> HoldAsync(WorkloadId id, CancellationToken cancellation)
    {
        if (leases.Find(id.Uid) is { Address: not null } held) return (held, StepOutcome.Done);
        // What an attempt that was cut off has taken goes back first.
        await ReleaseAsync(id, cancellation);
        if (PodNetwork.Read(options.CniConf, out var missing) is not { } network) return (null, new StepOutcome("NetworkNotReady", missing));
        var lease = new MachineLease(id.Namespace, id.Name, id.Uid, network, null);
        leases.Write(lease);
        var (address, problem) = await pool.TakeAsync(id.Uid, network, cancellation);
        if (address is null)
        {
            leases.Remove(id.Uid);
            return (null, new StepOutcome("NoAddress", problem));
        }

        leases.Write(lease = lease with { Address = address });
        return (lease, StepOutcome.Done);
    }

    /// <summary>The same each time, and of those that nobody has given out (the second bit of the first byte says so).</summary>
    private static string MacAddressOf(string uid, string network)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{uid}/{network}"));
        return "02:" + string.Join(':', hash.Take(5).Select(part => part.ToString("x2")));
    }
}
