using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers the host on which CPU and memory are given out to equal parts, so that neither runs out while the other is left:
/// <c>100 × (1 − |cpu − memory| ÷ 2)</c> of the parts that are requested, as Kubernetes counts it for two resources.
/// It only decides between hosts that are much alike otherwise: with more weight it leaves less room for large workloads (docs/adr/0038).
/// </summary>
internal sealed class BalancedAllocation : RankingRule
{
    public override string Name => nameof(BalancedAllocation);

    public override int Weight => 1;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        var cpu = HostAmount.Cpu(block, slot, workload.Demand.Requests);
        var memory = HostAmount.Memory(block, slot, workload.Demand.Requests);
        if (cpu.Allocatable <= 0 || memory.Allocatable <= 0) return MaximumScore;
        return (int)((1 - Math.Abs(Part(cpu) - Part(memory)) / 2) * MaximumScore);
    }

    private static double Part(HostAmount amount) => Math.Min(1, ResourceVector.Sum(amount.Used, amount.Requested) / (double)amount.Allocatable);
}
