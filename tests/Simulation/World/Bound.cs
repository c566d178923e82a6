using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.World;

/// <summary>A workload and the host that has it.</summary>
internal sealed record Bound(WorkloadView Workload, HostName Host, long At);

/// <summary>What the host said to a workload that was offered to it.</summary>
internal enum Answer
{
    Bound,

    /// <summary>It does not fit: whoever planned it saw an older cluster.</summary>
    Refused,

    /// <summary>It is gone, or another scheduler was faster.</summary>
    Obsolete,
}
