using System.Globalization;
using System.Numerics;

namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>The reference's rules about one host and what is on it.</summary>
internal static class ReferenceRules
{
    public static IEnumerable<string> Broken(HostView host, WorkloadView workload)
    {
        if (workload.Gates.Count > 0) yield return "SchedulingGates";
        if (!host.Ready) yield return "HostReady";
        if (!ToleratesCordon(host, workload)) yield return "Unschedulable";
        if (workload.NodeName != "" && workload.NodeName != host.Name.Value) yield return "NodeName";
        if (!MatchesSelector(host, workload)) yield return "NodeSelector";
        if (!MatchesAffinity(host, workload)) yield return "NodeAffinity";
        if (!ToleratesTaints(host, workload)) yield return "Taints";
        if (!host.RuntimeClasses.Contains(workload.RuntimeClass)) yield return "RuntimeClass";
        if (workload.Architecture != "" && !host.GuestArchitectures.Contains(workload.RuntimeClass + "/" + workload.Architecture))
            yield return "GuestArchitecture";
        if (host.Residents.Any(resident => PortsCollide(resident.Traits, workload.Traits))) yield return "HostPorts";
        if (MissingResources(host, workload).Any()) yield return "Resources";
    }

    public static bool MatchesSelector(HostView host, WorkloadView workload) => workload.Selector.All(wanted => host.Labels.Contains(wanted));

    public static bool MatchesAffinity(HostView host, WorkloadView workload) =>
        workload.RequiredHosts is null || workload.RequiredHosts.Terms.Any(term => Matches(host, term));

    public static bool Matches(HostView host, HostTerm term)
    {
        if (term.Labels.Count == 0 && term.Names.Count == 0) return false;
        return term.Labels.All(one => Holds(one, host.Labels)) && term.Names.All(one => Holds(one, [new Label("metadata.name", host.Name.Value)]));
    }

    public static bool Holds(LabelRequirement requirement, IEnumerable<Label> labels)
    {
        var own = labels.Where(label => label.Key == requirement.Key).Select(label => label.Value).ToList();
        switch (requirement.Operator)
        {
            case LabelOperator.In: return own.Any(value => requirement.Values.Contains(value));
            case LabelOperator.NotIn: return !own.Any(value => requirement.Values.Contains(value));
            case LabelOperator.Exists: return own.Count > 0;
            case LabelOperator.DoesNotExist: return own.Count == 0;
            default:
                if (own.Count == 0 || requirement.Values.Count != 1) return false;
                if (!long.TryParse(own[0], CultureInfo.InvariantCulture, out var left)) return false;
                if (!long.TryParse(requirement.Values[0], CultureInfo.InvariantCulture, out var right)) return false;
                return requirement.Operator == LabelOperator.Gt ? left > right : left < right;
        }
    }

    public static bool ToleratesCordon(HostView host, WorkloadView workload) =>
        !host.Unschedulable || Tolerates(workload, "node.kubernetes.io/unschedulable", "", "NoSchedule");

    public static bool ToleratesTaints(HostView host, WorkloadView workload) =>
        host.Taints.All(taint => taint.Effect == TaintEffect.PreferNoSchedule || Tolerates(workload, taint));

    public static bool Tolerates(WorkloadView workload, HostTaint taint) => Tolerates(workload, taint.Key, taint.Value, taint.Effect.ToString());

    public static IEnumerable<string> MissingResources(HostView host, WorkloadView workload)
    {
        var (needs, has, used) = (workload.Requests, host.Allocatable, host.Used);
        if (Missing(needs.MilliCpu, needs.VirtualMilliCpu, has.MilliCpu, used.MilliCpu, used.VirtualMilliCpu, host.Overcommit.CpuPercent)) yield return "cpu";
        if (Missing(
            needs.MemoryBytes, needs.MachineMemoryBytes, has.MemoryBytes, used.MemoryBytes, used.MachineMemoryBytes, host.Overcommit.MemoryPercent))
            yield return "memory";
        if (Missing(needs.EphemeralBytes, has.EphemeralBytes, used.EphemeralBytes)) yield return "ephemeral-storage";
        if (Missing(needs.Pods, has.Pods, used.Pods)) yield return "pods";
        foreach (var extended in needs.Extended.ToArray())
            if (Missing(extended.Amount, Amount(has, extended.Name), Amount(used, extended.Name))) yield return extended.Name;
    }

    /// <summary>What so many given out take of a host that gives each out several times.</summary>
    public static BigInteger Shared(BigInteger givenOut, int percent) => (givenOut * 100 + percent - 1) / percent;

    private static bool Missing(BigInteger needs, BigInteger virtualNeeds, BigInteger has, BigInteger used, BigInteger virtualUsed, int percent)
    {
        var more = needs + Shared(virtualUsed + virtualNeeds, percent) - Shared(virtualUsed, percent);
        return more > 0 && used + Shared(virtualUsed, percent) + more > has;
    }

    private static bool Missing(BigInteger needs, BigInteger has, BigInteger used) => needs > 0 && used + needs > has;

    private static long Amount(ResourceVector vector, string name) => vector.Extended.Where(one => one.Name == name).Sum(one => one.Amount);

    private static bool PortsCollide(WorkloadTraits left, WorkloadTraits right) => (
        from one in left.Ports.AsEnumerable()
        from other in right.Ports.AsEnumerable()
        where one.Port == other.Port && one.Protocol == other.Protocol && (one.Address == "" || other.Address == "" || one.Address == other.Address)
        select one).Any();

    private static bool Tolerates(WorkloadView workload, string key, string value, string effect)
    {
        foreach (var toleration in workload.Tolerations)
        {
            if (toleration.Effect is not null && toleration.Effect.ToString() != effect) continue;
            if (toleration.Exists && toleration.Key == "") return true;
            if (toleration.Key != key) continue;
            if (toleration.Exists || toleration.Value == value) return true;
        }

        return false;
    }
}
