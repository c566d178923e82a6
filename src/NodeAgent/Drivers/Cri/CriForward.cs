using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// Joins a stream of the silo to a port inside a pod. Each connection has a SPDY connection of its own to containerd's stream server:
/// that protocol's streams have no windows, so TCP's own is what holds a fast sender back, and only him.
/// </summary>
internal sealed class CriForward(CriSandboxes sandboxes, ContainerdClient containerd)
{
    public async Task<StreamEnd> RunAsync(ForwardTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        var id = WorkloadId.From(target.Workload);
        var sandbox = (await sandboxes.ListAsync(id, cancellation)).FirstOrDefault(sandbox => sandbox.State == PodSandboxState.SandboxReady);
        if (sandbox is null) return StreamEnd.BadRequest($"pod {id.Namespace}/{id.Name} is not running");
        try
        {
            var answer = await containerd.Runtime.PortForwardAsync(
                new PortForwardRequest { PodSandboxId = sandbox.Id, Port = { target.Port } }, ContainerdClient.Within(ContainerdClient.Look, cancellation));
            using var session = await ForwardSession.ConnectAsync(new Uri(answer.Url), target.Port, cancellation);
            var failure = await session.RunAsync(stream, cancellation);
            return failure.Length == 0 ? StreamEnd.Completed
                : failure.Contains("connection refused", StringComparison.Ordinal) ? StreamEnd.Unavailable($"nothing listens at port {target.Port} of pod {id.Namespace}/{id.Name}")
                : StreamEnd.Unavailable(failure);
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return StreamEnd.Internal(refused.Status.Detail);
        }
        catch (IOException broken)
        {
            return StreamEnd.Unavailable($"the stream broke: {broken.Message}");
        }
    }
}
