using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers hosts whose I/O rings have slots free: 100 less the part of the time in which the fullest ring of the host had none. One more
/// workload on such a host would make all of its guests wait, whatever CPU and memory are left.
/// </summary>
internal sealed class RingPressure : RankingRule
{
    public override string Name => nameof(RingPressure);

    /// <summary>Twice what a free CPU counts: a full ring cannot be shared out.</summary>
    public override int Weight => 16;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload) =>
        MaximumScore - Math.Clamp(block.Host(slot).RingPressurePercent, 0, MaximumScore);
}
