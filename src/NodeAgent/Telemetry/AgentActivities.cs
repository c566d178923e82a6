using System.Diagnostics;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Telemetry;

/// <summary>The agent's spans: one for each hook of each reconciliation, under the trace that the object came with.</summary>
internal static class AgentActivities
{
    public const string SourceName = "Orchestrator.NodeAgent";
    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? Start(string hook, string step, WorkloadId id, string? traceParent)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var activity = Source.StartActivity($"{step} {hook}", ActivityKind.Internal, parent);
        activity?.SetTag("workload.kind", id.Kind.ToString());
        activity?.SetTag("workload.namespace", id.Namespace);
        activity?.SetTag("workload.name", id.Name);
        activity?.SetTag("workload.uid", id.Uid);
        return activity;
    }
}
