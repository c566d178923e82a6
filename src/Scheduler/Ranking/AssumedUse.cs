using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>How much of one resource a host would have given out with a workload, what nobody requests assumed.</summary>
internal readonly record struct AssumedUse(long Allocatable, long Taken)
{
    public static (AssumedUse Cpu, AssumedUse Memory) Of(HostBlock block, int slot, CompiledWorkload workload)
    {
        var (used, requests) = (block.Used, workload.Demand.Requests);
        return (
            With(HostAmount.Cpu(block, slot, requests), used.AssumedMilliCpu[slot], requests.AssumedMilliCpu),
            With(HostAmount.Memory(block, slot, requests), used.AssumedMemoryBytes[slot], requests.AssumedMemoryBytes));
    }

    /// <summary>The part in whole points of a hundred, from none to all.</summary>
    public int Percent(long part)
    {
        if (part <= 0) return 0;
        if (part >= Allocatable) return RankingRule.MaximumScore;
        return (int)(Allocatable <= long.MaxValue / RankingRule.MaximumScore
            ? part * RankingRule.MaximumScore / Allocatable
            : (Int128)part * RankingRule.MaximumScore / Allocatable);
    }

    /// <summary>The mean of what there is; 0 if there is nothing.</summary>
    public static int Mean(int? cpu, int? memory) => (cpu, memory) switch
    {
        (null, null) => 0,
        (null, _) => memory.Value,
        (_, null) => cpu.Value,
        _ => (cpu.Value + memory.Value) / 2,
    };

    private static AssumedUse With(HostAmount amount, long assumedUsed, long assumed) => new(
        amount.Allocatable, ResourceVector.Sum(ResourceVector.Sum(amount.Used, assumedUsed), ResourceVector.Sum(amount.Requested, assumed)));
}
