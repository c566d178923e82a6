using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Runs a command in a running container: CRI gives the address of containerd's stream server, which speaks SPDY.</summary>
internal sealed class CriExec(CriDriver driver, ContainerdClient containerd)
{
    public async Task<StreamEnd> RunAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        var id = WorkloadId.From(target.Workload);
        var run = (await driver.GetAsync(id, cancellation)).Latest(target.Container);
        if (run is null) return StreamEnd.NotFound($"container \"{target.Container}\" in {id} not found");
        if (run.State != UnitState.Running) return StreamEnd.BadRequest($"container \"{target.Container}\" in {id} is not running");
        if (target.Command.Count == 0) return StreamEnd.BadRequest("a command is needed");
        try
        {
            var answer = await containerd.Runtime.ExecAsync(RequestOf(run.Id, target), ContainerdClient.Within(ContainerdClient.Look, cancellation));
            using var session = await ExecSession.ConnectAsync(new Uri(answer.Url), target, cancellation);
            return await session.RunAsync(stream, cancellation);
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return StreamEnd.Internal(refused.Status.Detail);
        }
        catch (IOException broken)
        {
            return StreamEnd.Unavailable($"the exec stream broke: {broken.Message}");
        }
    }

    private static ExecRequest RequestOf(string container, ExecTarget target)
        // A terminal has one output: CRI wants no separate stderr then.
        => new() { ContainerId = container, Cmd = { target.Command }, Stdin = target.Stdin, Stdout = true, Stderr = !target.Tty, Tty = target.Tty };
}
