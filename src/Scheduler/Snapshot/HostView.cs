using System.Collections.Frozen;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Scheduler;

/// <summary>One host as the scheduler sees it: the decisive facts of its Node object and what its workloads take.</summary>
public sealed record HostView(
    HostName Name,
    bool Ready,
    bool Unschedulable,
    ValueList<Label> Labels,
    ValueList<HostTaint> Taints,
    ResourceVector Allocatable,
    ResourceVector Used,
    FrozenSet<string> RuntimeClasses)
{
    /// <summary>How many workloads a host takes that does not say; the kubelet's default.</summary>
    public const long DefaultPods = 110;

    /// <summary>Why the host is not ready, in its own words; empty if it is, or gave no reason.</summary>
    public string NotReadyMessage { get; init; } = "";

    /// <summary>What the host says of the runtime classes that do not work on it.</summary>
    public FrozenDictionary<string, string> RuntimeClassMessages { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The workloads on the host. Their requests are in <see cref="Used"/>.</summary>
    public ValueList<Resident> Residents { get; init; }

    /// <summary>What guests the host's runtime classes can run, as <c>class/architecture</c>.</summary>
    public ValueList<string> GuestArchitectures { get; init; }

    public ValueList<HostImage> Images { get; init; }

    public Overcommit Overcommit { get; init; } = Overcommit.Default;

    /// <summary>The part of the time, in percent, in which the fullest of the host's I/O rings had no slot free.</summary>
    public int RingPressurePercent { get; init; }

    /// <summary>The host with these on it as well, their requests in its use.</summary>
    public HostView With(IReadOnlyCollection<Resident> more) => this with
    {
        Used = more.Aggregate(Used, (sum, resident) => sum + resident.Requests),
        Residents = Residents.Concat(more).ToValueList(),
    };

    /// <summary>The host without the workloads of these uids, and without what they use.</summary>
    public HostView Without(IReadOnlySet<string> uids)
    {
        var (gone, staying) = (Residents.Where(resident => uids.Contains(resident.Uid)), Residents.Where(resident => !uids.Contains(resident.Uid)));
        return this with { Used = gone.Aggregate(Used, (sum, resident) => sum - resident.Requests), Residents = staying.ToValueList() };
    }

    /// <param name="node">The host's object, already validated.</param>
    /// <param name="used">The sum of <see cref="ResourceRequests"/> over the workloads bound to the host.</param>
    /// <param name="residents">Those workloads.</param>
    public static HostView From(Node node, ResourceVector used, ValueList<Resident> residents = default)
    {
        var status = node.Status ?? new NodeStatus();
        var ready = status.Conditions.FirstOrDefault(condition => condition.Type == "Ready");
        var isReady = ready?.Status == "True";
        return new HostView(
            new HostName(node.Metadata.Name),
            isReady,
            node.Spec?.Unschedulable ?? false,
            LabelsOf(node.Metadata.Labels),
            (node.Spec?.Taints ?? []).Select(TaintReading.Read).ToValueList(),
            AllocatableOf(status),
            used,
            status.RuntimeClasses.Where(entry => entry.Available).Select(entry => entry.Name).ToFrozenSet())
        {
            NotReadyMessage = isReady ? "" : ready?.Message ?? "",
            RuntimeClassMessages = status.RuntimeClasses.Where(entry => !entry.Available)
                .DistinctBy(entry => entry.Name).ToFrozenDictionary(entry => entry.Name, entry => entry.Message),
            Residents = residents,
            GuestArchitectures = ArchitecturesOf(status),
            Images = status.Images.SelectMany(image => image.Names.Select(name => new HostImage(HostImage.Normal(name), image.SizeBytes))).Distinct().ToValueList(),
            Overcommit = Overcommit.Of(node),
            RingPressurePercent = status.RingPressure is { } rings ? Math.Max(rings.BlockPercent, rings.NetworkPercent) : 0,
        };
    }

    internal static ValueList<Label> LabelsOf(IEnumerable<KeyValuePair<string, string>> labels) =>
        labels.Select(label => new Label(label.Key, label.Value)).OrderBy(label => label.Key, StringComparer.Ordinal).ToValueList();

    private static ResourceVector AllocatableOf(NodeStatus status)
    {
        var amounts = status.Allocatable.Count > 0 ? status.Allocatable : status.Capacity;
        var vector = ResourceNames.Read(amounts);
        return amounts.ContainsKey(ResourceNames.Pods) ? vector : vector with { Pods = DefaultPods };
    }

    /// <summary>A class that names no architecture runs guests of the host's own.</summary>
    private static ValueList<string> ArchitecturesOf(NodeStatus status)
    {
        var own = status.NodeInfo?.Architecture is { Length: > 0 } architecture ? [architecture] : Array.Empty<string>();
        return status.RuntimeClasses.Where(entry => entry.Available)
            .SelectMany(entry => (entry.Architectures.Count > 0 ? entry.Architectures : own.AsEnumerable()).Select(one => $"{entry.Name}/{one}"))
            .Distinct().ToValueList();
    }
}
