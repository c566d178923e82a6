using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>
/// The workload tolerates every NoSchedule and NoExecute taint of the host. PreferNoSchedule is a matter of ranking.
/// </summary>
internal sealed class Taints : FeasibilityRule
{
    public override string Name => nameof(Taints);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        var tainted = 0UL;
        var ids = block.Taints.Ids;
        var hosts = block.Taints.Hosts;
        for (var i = 0; i < ids.Length; i++)
            if (workload.ForbiddenTaints[ids[i]]) tainted |= hosts[i];
        return among & tainted;
    }

    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        foreach (var taint in block.TaintIds(slot))
            if (workload.ForbiddenTaints[taint]) reasons.Add(new Reason(taint, 0));
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"with untolerated taint {workload.Taint((int)reason)}", $"tolerate {workload.Taint((int)reason)}, or take the taint off the host");
}
