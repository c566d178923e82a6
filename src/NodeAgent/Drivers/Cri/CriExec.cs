using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// Runs a command in a running container, or joins the container's own process: CRI gives the address of containerd's stream
/// server, which speaks SPDY.
/// </summary>
internal sealed class CriExec(CriDriver driver, ContainerdClient containerd)
{
    public Task<StreamEnd> RunAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation)
        => target.Command.Count == 0
            ? Task.FromResult(StreamEnd.BadRequest("a command is needed"))
            : ConverseAsync(target, stream, async id => (await containerd.Runtime.ExecAsync(
                // A terminal has one output: CRI wants no separate stderr then.
                new ExecRequest { ContainerId = id, Cmd = { target.Command }, Stdin = target.Stdin, Stdout = true, Stderr = !target.Tty, Tty = target.Tty },
                ContainerdClient.Within(ContainerdClient.Look, cancellation))).Url, cancellation);

    public async Task<StreamEnd> AttachAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        var end = await ConverseAsync(target, stream, async id => (await containerd.Runtime.AttachAsync(
            new AttachRequest { ContainerId = id, Stdin = target.Stdin, Stdout = true, Stderr = !target.Tty, Tty = target.Tty },
            ContainerdClient.Within(ContainerdClient.Look, cancellation))).Url, cancellation);
        // The stream server's success is that of the conversation.
        return end.ExitCode is null ? end : StreamEnd.Completed;
    }

    private async Task<StreamEnd> ConverseAsync(
        ExecTarget target, WorkloadStream stream, Func<string, Task<string>> addressOf, CancellationToken cancellation)
    {
        var id = WorkloadId.From(target.Workload);
        var run = (await driver.GetAsync(id, cancellation)).Latest(target.Container);
        if (run is null) return StreamEnd.NotFound($"container \"{target.Container}\" in {id} not found");
        if (run.State != UnitState.Running) return StreamEnd.BadRequest($"container \"{target.Container}\" in {id} is not running");
        try
        {
            using var session = await ExecSession.ConnectAsync(new Uri(await addressOf(run.Id)), target, cancellation);
            return await session.RunAsync(stream, cancellation);
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
