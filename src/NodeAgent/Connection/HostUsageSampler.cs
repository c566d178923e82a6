using System.Globalization;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>The figures that ride on each heartbeat.</summary>
internal sealed class HostUsageSampler(AgentOptions options)
{
    private const long NanosecondsPerTick = 10_000_000;
    private const int IdleField = 4;
    private const int WaitField = 5;
    private const int LastCountedField = 8;

    public HostUsage Sample()
    {
        var disk = HostProbe.DiskOf(options.Data);
        return new HostUsage
        {
            CpuNanoseconds = BusyTicks() * NanosecondsPerTick,
            MemoryUsedBytes = HostProbe.MemoryInfo("MemTotal") - HostProbe.MemoryInfo("MemAvailable"),
            DiskUsedBytes = disk is null ? 0 : disk.TotalSize - disk.TotalFreeSpace,
        };
    }

    /// <summary>All but idle and waiting, in hundredths of a second over all cores: the first line of /proc/stat.</summary>
    private static long BusyTicks()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Select((text, i) => i is 0 or IdleField or WaitField or > LastCountedField ? 0 : long.Parse(text, CultureInfo.InvariantCulture)).Sum();
    }
}
