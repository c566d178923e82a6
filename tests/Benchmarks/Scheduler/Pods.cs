using System.Globalization;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Scheduler;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>The pods of scheduler_perf, by the names of its templates. Each asks for 100m and 500Mi.</summary>
internal static class Pods
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const string HostName = "kubernetes.io/hostname";
    private static readonly ResourceId Kind = new("", "pods");

    public static WorkloadView Default(int at) => new(
        new ObjectKey(Kind, "default", string.Create(CultureInfo.InvariantCulture, $"pod-{at:000000}")),
        string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{at:000000000000}"),
        new ResourceVector { MilliCpu = 100, MemoryBytes = 500L << 20, Pods = 1 }, NodeName: "", Selector: [], Tolerations: [], "container", Priority: 0, Sequence: at)
    {
        Traits = new WorkloadTraits { Namespace = "default" },
    };

    /// <summary>A replica of one of some Deployments: they spread by default over hosts and zones.</summary>
    public static WorkloadView Replica(int at, int owners)
    {
        var owner = string.Create(CultureInfo.InvariantCulture, $"replicaset-{at % owners}");
        return With(at, new WorkloadTraits { Namespace = "default", Owner = owner, Labels = [new Label("app", owner)] });
    }

    public static WorkloadView WithNodeAffinity(int at) => Default(at) with
    {
        RequiredHosts = new RequiredHosts([new HostTerm([new LabelRequirement(Zone, LabelOperator.In, ["zone1", "zone2"])])]),
    };

    public static WorkloadView WithPodAffinity(int at) => Colored(at, "blue", traits => traits with { Affinity = [Term(Zone, "blue")] });

    public static WorkloadView WithPodAntiAffinity(int at) => Colored(at, "green", traits => traits with { AntiAffinity = [Term(HostName, "green")] });

    public static WorkloadView PreferringPodAffinity(int at) =>
        Colored(at, "red", traits => traits with { Preferred = [new WeightedTerm(1, Term(HostName, "red"))] });

    public static WorkloadView PreferringPodAntiAffinity(int at) =>
        Colored(at, "yellow", traits => traits with { Preferred = [new WeightedTerm(-1, Term(HostName, "yellow"))] });

    public static WorkloadView Spreading(int at, bool required) => Colored(at, "blue", traits => traits) with
    {
        Spread = [new SpreadConstraint(Zone, 5, required, Color("blue"))],
    };

    /// <summary>A pod of a DaemonSet: for one host, by its name.</summary>
    public static WorkloadView Daemon(int at, int hosts) => Default(at) with
    {
        RequiredHosts = new RequiredHosts([new HostTerm([], [new LabelRequirement("metadata.name", LabelOperator.In, [Hosts.Name(at % hosts)])])]),
    };

    public static WorkloadView Sized(int at, int milliCpu, int priority) => Default(at) with
    {
        Requests = new ResourceVector { MilliCpu = milliCpu, MemoryBytes = 500L << 20, Pods = 1 },
        Priority = priority,
        Uid = string.Create(CultureInfo.InvariantCulture, $"{priority:00000000}-0000-4000-8000-{at:000000000000}"),
    };

    /// <summary>More than any host has.</summary>
    public static WorkloadView TooLarge(int at) => Default(at) with { Requests = new ResourceVector { MilliCpu = 9_000, MemoryBytes = 500L << 20, Pods = 1 } };

    private static WorkloadView Colored(int at, string color, Func<WorkloadTraits, WorkloadTraits> wishes) =>
        With(at, wishes(new WorkloadTraits { Namespace = "default", Labels = [new Label("color", color)] }));

    private static WorkloadView With(int at, WorkloadTraits traits) => Default(at) with { Traits = traits };

    private static WorkloadTerm Term(string topologyKey, string color) => new(topologyKey, Color(color), ["default"]);

    private static Selection Color(string color) => new([new LabelRequirement("color", LabelOperator.In, [color])]);
}
