using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.SchedulingXV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Scheduling;

/// <summary>The PodGroups of one pass, and how many members of each have a host.</summary>
internal sealed class Gangs(ObjectCache cache, ClusterSnapshot snapshot)
{
    public static readonly Kind Kind = KindCatalog.Of<PodGroup>();

    private Dictionary<(string Namespace, string Group), int>? _placed;

    /// <summary>The workload with its group, if it says that it has one.</summary>
    public WorkloadView Joined(WorkloadView workload)
    {
        if (workload.Group.Length == 0) return workload;
        var group = cache.Find(new ObjectKey(Kind.Resource, workload.Key.Namespace, workload.Group))?.As<PodGroup>();
        _placed ??= CountPlaced();
        var placed = _placed.GetValueOrDefault((workload.Key.Namespace, workload.Group));
        return workload with { Gang = new Gang(workload.Group, group?.Spec.MinMember, placed) };
    }

    private Dictionary<(string Namespace, string Group), int> CountPlaced() => snapshot.Hosts
        .SelectMany(host => host.Residents)
        .Select(resident => (resident.Key.Namespace, Group: resident.Traits.Group))
        .Where(member => member.Group.Length > 0)
        .CountBy(member => member).ToDictionary();
}
