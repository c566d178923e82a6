using System.Collections.Frozen;
using System.Globalization;
using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.Load;

/// <summary>The hosts of the standard cluster: three sizes, three zones, one in five with a fast disk.</summary>
internal static class HostShapes
{
    public const string Zone = "topology.kubernetes.io/zone";
    public const string HostName = "kubernetes.io/hostname";
    public const string Disk = "disk";
    private const long Gibi = 1L << 30;

    private static readonly FrozenSet<string> Classes = ["container", "paravirtual"];
    private static readonly (long Cpus, long Gibibytes)[] Sizes = [(8, 32), (8, 32), (8, 32), (8, 32), (8, 32), (16, 64), (16, 64), (16, 64), (32, 256), (32, 256)];

    public static HostView Make(int at)
    {
        var (cpus, gibibytes) = Sizes[at % Sizes.Length];
        var name = string.Create(CultureInfo.InvariantCulture, $"host-{at:00000}");
        Label[] labels = [new(Disk, at % 5 == 0 ? "ssd" : "hdd"), new(HostName, name), new(Zone, string.Create(CultureInfo.InvariantCulture, $"zone-{at / 2 % 3}"))];
        return new HostView(
            new HostName(name), Ready: true, Unschedulable: false, labels.ToValueList(), Taints: [],
            new ResourceVector { MilliCpu = cpus * 1000, MemoryBytes = gibibytes * Gibi, EphemeralBytes = 200 * Gibi, Pods = 110 }, Used: default, Classes);
    }
}
