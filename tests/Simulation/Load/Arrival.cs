using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.Load;

/// <summary>A workload that comes at a moment, in milliseconds, and how long it runs once it has a host; null: for ever.</summary>
internal sealed record Arrival(long At, WorkloadView Workload, long? Lasts = null, int GroupMinimum = 0);
