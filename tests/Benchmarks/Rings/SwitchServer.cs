using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Devices.Network;
using Orchestrator.Hypervisor.Network.Switching;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>A process that has two network cards on one switch, as dom0 has them for two guests.</summary>
internal static class SwitchServer
{
    public const string Word = "serve-switch";

    public static MacAddress AddressOf(int card) => new(0x0200_0000_0001 + (ulong)card);

    public static int Run(string first, string second)
    {
        using var loop = new DeviceLoop(NullLogger<DeviceLoop>.Instance, DeviceRingSize.Default(Stopwatch.Frequency));
        var @switch = new LayerTwoSwitch(Stopwatch.Frequency);
        foreach (var (socket, card) in new[] { (first, 0), (second, 1) })
        {
            var rules = new PortRules { NetworkId = 1, Address = AddressOf(card) };
            var device = loop.AskAsync(() => new NetworkDevice(loop, NullLogger.Instance, "bench", @switch, rules)).Result;
            VhostPort.Open(socket, device, new VhostPeer(0, 1UL << 32), mailbox: null, NullLogger.Instance);
        }

        // Until whoever started us closes our input.
        Console.In.ReadToEnd();
        return 0;
    }
}
