using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Dom0.V1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>Joins a stream of the silo to a domain's console, both ways; a slow reader holds the console back, not the agent.</summary>
internal sealed class MachineConsole(Dom0Client dom0)
{
    public async Task<StreamEnd> RunAsync(ConsoleTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = dom0.Domains.Console(cancellationToken: ended.Token);
        var start = new DomainConsoleStart { Id = target.Workload.Uid, Follow = target.Follow };
        if (target.HasScrollbackBytes) start.ScrollbackBytes = target.ScrollbackBytes;
        var typing = Task.CompletedTask;
        try
        {
            await call.RequestStream.WriteAsync(new DomainConsoleInput { Start = start }, ended.Token);
            typing = TypeAsync(stream, call.RequestStream, ended.Token);
            await foreach (var output in call.ResponseStream.ReadAllAsync(ended.Token)) await stream.WriteOutputAsync(output.Data.Memory, ended.Token);
            return StreamEnd.Completed;
        }
        catch (RpcException absent) when (absent.StatusCode == StatusCode.NotFound)
        {
            return StreamEnd.NotFound($"{WorkloadId.From(target.Workload)} has no domain on this host");
        }
        finally
        {
            await ended.CancelAsync();
            await typing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task TypeAsync(WorkloadStream stream, IClientStreamWriter<DomainConsoleInput> console, CancellationToken cancellation)
    {
        await foreach (var frame in stream.Input.ReadAllAsync(cancellation))
            if (frame.FrameCase == SiloFrame.FrameOneofCase.Stdin) await console.WriteAsync(new DomainConsoleInput { Data = frame.Stdin }, cancellation);
    }
}
