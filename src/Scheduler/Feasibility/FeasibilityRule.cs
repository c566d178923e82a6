using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>Why a rule removed a host. Of the hosts with one reason, that of the highest <paramref name="Nearness"/> is shown.</summary>
internal readonly record struct Reason(long Id, long Nearness);

/// <summary>One condition that a host must meet before a workload may go there. Rules know nothing of each other.</summary>
internal abstract class FeasibilityRule
{
    public abstract string Name { get; }

    /// <summary>True if placing a workload may change the verdict on its host.</summary>
    public virtual bool FollowsUse => false;

    /// <summary>What can happen that may change the verdict on some host.</summary>
    public virtual ClusterEvents HelpedBy => ClusterEvents.HostChanged;

    /// <summary>Of the hosts <paramref name="among"/>, those that the workload may not go to.</summary>
    public abstract ulong Removes(HostBlock block, CompiledWorkload workload, ulong among);

    /// <summary>
    /// The reasons for which the rule removed a host, as numbers that mean the same on every host: thousands of hosts are
    /// counted before the first word is written. A rule with one reason only says how near the host is.
    /// </summary>
    public virtual void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons) =>
        reasons.Add(new Reason(0, 0));

    /// <summary>What a removed host lacks for one of its reasons, in a user's words, and what would mend it.</summary>
    public abstract Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason);

    protected Lack Lack(string reason, string remedy, string detail = "") => new(Name, reason, detail, null) { Remedy = remedy };
}
