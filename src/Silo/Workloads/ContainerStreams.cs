using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Workloads;

/// <summary>Which container a client wants to talk to, and how.</summary>
/// <param name="Command">What to run there; empty to attach.</param>
internal sealed record ContainerRequest(
    string Namespace, string Pod, string Container, IReadOnlyList<string> Command, bool Stdin, bool Tty, int Columns = 0, int Rows = 0);

/// <summary>Opens streams to what runs in pods, for both doors; from then on frames pass straight through.</summary>
internal sealed class ContainerStreams(ObjectCache cache, StreamRendezvous streams)
{
    public async Task<(AgentStream? Stream, ApiError? Error)> Exec(ContainerRequest request, CancellationToken cancellation)
    {
        if (request.Command.Count == 0) return (null, new ApiError(ErrorReason.BadRequest, "command: Required value: what to run"));
        var (pod, container, error) = Find(request);
        return container is null ? (null, error) : await streams.Open(pod.Host, new OpenStream { Exec = TargetOf(pod, container, request) }, cancellation);
    }

    /// <summary>Joins the container's own process, which hears only what it was made to hear.</summary>
    public async Task<(AgentStream? Stream, ApiError? Error)> Attach(ContainerRequest request, CancellationToken cancellation)
    {
        if (request.Command.Count > 0) return (null, new ApiError(ErrorReason.BadRequest, "command: Forbidden: the container's own process runs already"));
        var (pod, container, error) = Find(request);
        if (container is null) return (null, error);
        var target = TargetOf(pod, container, request);
        (target.Stdin, target.Tty) = (request.Stdin && container.Stdin, request.Tty && container.Tty);
        return await streams.Open(pod.Host, new OpenStream { Attach = target }, cancellation);
    }

    private (RunningWorkload Pod, Container? Container, ApiError? Error) Find(ContainerRequest request)
    {
        var (found, error) = RunningWorkload.Find(cache, WorkloadGrains.Pods, request.Namespace, request.Pod);
        if (found is not { } pod) return (default, null, error);
        (var container, error) = pod.Container(request.Container);
        return (pod, container, error);
    }

    private static ExecTarget TargetOf(RunningWorkload pod, Container container, ContainerRequest request) => new()
    {
        Workload = Assignments.Reference(pod.Object.Key, pod.Object.Uid),
        Container = container.Name,
        Command = { request.Command },
        Stdin = request.Stdin,
        Tty = request.Tty,
        Columns = request.Columns,
        Rows = request.Rows,
    };
}
