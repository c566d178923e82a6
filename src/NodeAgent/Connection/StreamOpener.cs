using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>Answers an OpenStream: one gRPC stream of its own that carries logs, an exec, an attach, a console or a connection to a port.</summary>
internal sealed class StreamOpener(SiloClient silo, IEnumerable<IWorkloadDriver> drivers, ILogger<StreamOpener> logger)
{
    private const int InputFrames = 16;

    /// <summary>Ends with the stream; what goes wrong is told to the far side, if there still is one.</summary>
    public async Task RunAsync(OpenStream open, CancellationToken session)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(session);
        try
        {
            using var call = silo.Calls.Stream(cancellationToken: ended.Token);
            await call.RequestStream.WriteAsync(new AgentFrame { StreamId = open.StreamId }, ended.Token);
            var input = Channel.CreateBounded<SiloFrame>(InputFrames);
            var reading = ReadAsync(call.ResponseStream, input.Writer, ended);
            var stream = new WorkloadStream(input.Reader, async (frame, token) => await call.RequestStream.WriteAsync(frame, token));
            var end = await DispatchAsync(open, stream, ended.Token);
            input.Writer.TryComplete();
            await FinishAsync(call.RequestStream, end, ended.Token);
            // Ending the call now would cut off what the far side has not read yet: it ends the call when it has.
            await reading;
        }
        catch (Exception gone) when (gone is RpcException or OperationCanceledException or InvalidOperationException)
        {
            logger.LogDebug("Stream {Stream} ended: {Reason}", open.StreamId, gone.Message);
        }
    }

    private async Task<StreamEnd> DispatchAsync(OpenStream open, WorkloadStream stream, CancellationToken cancellation)
    {
        try
        {
            return open.TargetCase switch
            {
                OpenStream.TargetOneofCase.Logs => await Power<ILogSource>(open.Logs.Workload, "logs", power => power.ReadLogsAsync(open.Logs, stream, cancellation)),
                OpenStream.TargetOneofCase.Exec => await Power<IExecutor>(open.Exec.Workload, "exec", power => power.ExecAsync(open.Exec, stream, cancellation)),
                OpenStream.TargetOneofCase.Attach => await Power<IExecutor>(open.Attach.Workload, "attach", power => power.AttachAsync(open.Attach, stream, cancellation)),
                OpenStream.TargetOneofCase.Forward => await Power<IPortForwarder>(
                    open.Forward.Workload, "ports", power => power.ForwardAsync(open.Forward, stream, cancellation)),
                OpenStream.TargetOneofCase.Console => await Power<IConsoleSource>(
                    open.Console.Workload, "console", power => power.AttachConsoleAsync(open.Console, stream, cancellation)),
                OpenStream.TargetOneofCase.Figures => await Power<IFiguresSource>(
                    open.Figures.Workload, "figures", power => power.MeasureAsync(open.Figures, stream, cancellation)),
                _ => StreamEnd.BadRequest("this agent doesn't know such a stream"),
            };
        }
        catch (RpcException away) when (!cancellation.IsCancellationRequested)
        {
            return StreamEnd.Unavailable(away.Status.Detail);
        }
        catch (IOException failed)
        {
            return StreamEnd.Internal(failed.Message);
        }
        catch (Exception bug) when (bug is not OperationCanceledException and not RpcException)
        {
            // One user's stream is the boundary here: he hears of it, the log has the rest, other streams go on.
            logger.LogError(bug, "Stream {Stream} failed", open.StreamId);
            return StreamEnd.Internal($"the agent failed: {bug.Message}");
        }
    }

    private Task<StreamEnd> Power<T>(WorkloadRef workload, string name, Func<T, Task<StreamEnd>> use) where T : class
    {
        var kind = WorkloadId.From(workload).Kind;
        return drivers.FirstOrDefault(driver => driver.Kind == kind) is T power
            ? use(power)
            : Task.FromResult(StreamEnd.BadRequest($"a {(kind == WorkloadKind.Pod ? "pod" : "virtual machine")} has no {name}"));
    }

    private static async Task FinishAsync(IClientStreamWriter<AgentFrame> writer, StreamEnd end, CancellationToken cancellation)
    {
        if (end.Error is { } error) await writer.WriteAsync(new AgentFrame { Error = error }, cancellation);
        else if (end.ExitCode is { } code) await writer.WriteAsync(new AgentFrame { ExitCode = code }, cancellation);
        await writer.CompleteAsync();
    }

    /// <summary>Hands input on. When the far side has ended the whole call, so does the work behind it.</summary>
    private static async Task ReadAsync(IAsyncStreamReader<SiloFrame> frames, ChannelWriter<SiloFrame> input, CancellationTokenSource ended)
    {
        try
        {
            await foreach (var frame in frames.ReadAllAsync(ended.Token))
                if (await input.WaitToWriteAsync(ended.Token)) input.TryWrite(frame);
        }
        finally
        {
            input.TryComplete();
            await ended.CancelAsync();
        }
    }
}
