using System.Collections.Frozen;
using System.Globalization;
using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>The hosts of scheduler_perf: 4 CPUs, 32 GiB, 110 pods, with the labels that a node of a cloud has.</summary>
internal static class Hosts
{
    private static readonly FrozenSet<string> Classes = ["container"];

    /// <param name="at">Its number.</param>
    /// <param name="zones">How many zones there are, the hosts dealt out in turn.</param>
    public static HostView Make(int at, int zones) => new(
        new HostName(Name(at)), Ready: true, Unschedulable: false, LabelsOf(at, zones), Taints: [],
        new ResourceVector { MilliCpu = 4_000, MemoryBytes = 32L << 30, EphemeralBytes = 100L << 30, Pods = 110 }, Used: default, Classes);

    public static string Name(int at) => string.Create(CultureInfo.InvariantCulture, $"scheduler-perf-{at:00000}");

    private static ValueList<Label> LabelsOf(int at, int zones) =>
    [
        new("kubernetes.io/arch", "amd64"), new("kubernetes.io/hostname", Name(at)), new("kubernetes.io/os", "linux"),
        new("node.kubernetes.io/instance-type", at % 2 == 0 ? "large" : "small"), new("topology.kubernetes.io/region", "moon"),
        new("topology.kubernetes.io/zone", string.Create(CultureInfo.InvariantCulture, $"zone{at % zones + 1}")),
    ];
}
