using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>A process that serves a raw file as dom0 does, and nothing else: our side of the comparison.</summary>
internal static class BlockServer
{
    public const string Word = "serve-disk";

    public static int Run(string socket, string file)
    {
        using var loop = new DeviceLoop(NullLogger<DeviceLoop>.Instance, DeviceRingSize.Default(Stopwatch.Frequency));
        var disk = RawDisk.Open(file, isReadOnly: false);
        var device = loop.AskAsync(() => new BlockDevice(loop, NullLogger.Instance, "bench", disk, "bench", 1, DomainLimits.None)).Result;
        VhostPort.Open(socket, device, new VhostPeer(0, 1UL << 32), mailbox: null, NullLogger.Instance);

        // Until whoever started us closes our input.
        Console.In.ReadToEnd();
        return 0;
    }
}
