using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Devices.Network;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Network.Switching;
using Orchestrator.Hypervisor.Network.Uplinks;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Network;

/// <summary>
/// The networks of this host's guests: one switch for all of them, on the device loop. A network comes with its first card and goes with
/// its last; one that is a bridge of the host has an uplink into it all that time.
/// </summary>
internal sealed partial class HostNetworks(DeviceLoop loop, ILogger<HostNetworks> logger) : IDisposable
{
    private readonly LayerTwoSwitch _switch = new(Stopwatch.Frequency);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<(string? Bridge, string? Segment), HostNetwork> _networks = [];
    private uint _lastId;

    /// <param name="isRunning">Its guest runs already: a bridge that is missing now costs it the bridge, not its life.</param>
    /// <exception cref="IOException">Another guest of the network has the address.</exception>
    /// <exception cref="Win32Exception">The bridge can't be joined.</exception>
    public async Task<NetworkDevice> AttachAsync(string device, GuestInterface card, bool isRunning, ILogger deviceLogger)
    {
        await _gate.WaitAsync();
        try
        {
            var network = Find(card);
            await JoinBridgeAsync(network, card, isRunning);
            var rules = RulesOf(card, network.Id);
            var made = await loop.AskAsync(() => _switch.HasGuest(network.Id, rules.Address!.Value)
                ? null
                : new NetworkDevice(loop, deviceLogger, device, _switch, rules));
            network.Cards += made is null ? 0 : 1;
            return made ?? throw new IOException($"{card.Name}: another guest of this network has the address {card.MacAddress}");
        }
        finally
        {
            await LeaveIfEmptyAsync(card);
            _gate.Release();
        }
    }

    public async Task DetachAsync(GuestInterface card, NetworkDevice device)
    {
        await loop.AskAsync(() =>
        {
            device.Dispose();
            return true;
        });
        await _gate.WaitAsync();
        try
        {
            Find(card).Cards--;
            await LeaveIfEmptyAsync(card);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private static PortRules RulesOf(GuestInterface card, uint networkId) => new()
    {
        NetworkId = networkId,
        Address = MacAddress.Parse(card.MacAddress),
        InternetAddresses = [.. card.Addresses.Select(InternetAddress.ParseWithPrefix)],
        Limits = card.Limits ?? DomainLimits.None,
    };

    private HostNetwork Find(GuestInterface card)
    {
        if (!_networks.TryGetValue((card.Bridge, card.Segment), out var network))
        {
            _networks.Add((card.Bridge, card.Segment), network = new HostNetwork(++_lastId));
        }

        return network;
    }

    private async Task JoinBridgeAsync(HostNetwork network, GuestInterface card, bool isRunning)
    {
        if (network.Uplink is not null || card.Bridge is not { } bridge)
        {
            return;
        }

        try
        {
            network.Uplink = await TapUplink.OpenAsync(loop, logger, bridge, _switch, network.Id);
        }
        catch (Win32Exception error) when (isRunning)
        {
            LogCutOff(bridge, error.Message);
        }
    }

    private async Task LeaveIfEmptyAsync(GuestInterface card)
    {
        var network = Find(card);
        if (network.Cards > 0)
        {
            return;
        }

        _networks.Remove((card.Bridge, card.Segment));
        if (network.Uplink is { } uplink)
        {
            await uplink.CloseAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Network: guests that run are cut off from the bridge {Bridge} until another starts: {Problem}")]
    private partial void LogCutOff(string bridge, string problem);

    private sealed class HostNetwork(uint id)
    {
        public uint Id { get; } = id;

        public int Cards { get; set; }

        public TapUplink? Uplink { get; set; }
    }
}
