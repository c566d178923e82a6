using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Workloads;

/// <summary>Opens connections to ports of pods and machines, for both doors; from then on frames pass straight through.</summary>
internal sealed class PortStreams(ObjectCache cache, StreamRendezvous streams)
{
    private const int LargestPort = 65535;

    /// <summary>A stream of one connection. Whether anybody listens there, its first frames tell.</summary>
    public async Task<(AgentStream? Stream, ApiError? Error)> Open(Kind kind, string ns, string name, int port, CancellationToken cancellation)
    {
        if (port is < 1 or > LargestPort) return (null, new ApiError(ErrorReason.BadRequest, $"port: Invalid value: {port}: must be between 1 and {LargestPort}"));
        var (found, error) = RunningWorkload.Find(cache, kind, ns, name);
        if (found is not { } workload) return (null, error);
        var target = new ForwardTarget { Workload = Assignments.Reference(workload.Object.Key, workload.Object.Uid), Port = port };
        return await streams.Open(workload.Host, new OpenStream { Forward = target }, cancellation);
    }
}
