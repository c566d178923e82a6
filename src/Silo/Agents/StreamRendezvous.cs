using System.Collections.Concurrent;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Agents;

/// <summary>
/// Where a client's stream (logs, exec, console) meets the one that the agent opens for it. The silo asks through the session, the
/// agent calls back with the stream's id; from then on frames pass straight through, and HTTP/2's windows are the back-pressure.
/// </summary>
internal sealed class StreamRendezvous(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan AgentAnswers = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<AgentStream>> _expected = new(StringComparer.Ordinal);

    /// <summary>Asks a host's agent to open a stream and waits for it.</summary>
    public async Task<(AgentStream? Stream, ApiError? Error)> Open(string host, OpenStream request, CancellationToken cancellation)
    {
        var expected = new TaskCompletionSource<AgentStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        request.StreamId = Guid.NewGuid().ToString("N");
        _expected[request.StreamId] = expected;
        try
        {
            var message = new SiloMessage { OpenStream = request };
            if (await grains.GetGrain<IHostGrain>(host).Send(Google.Protobuf.MessageExtensions.ToByteArray(message)) == DeliverOutcome.NoSession)
                return (null, new ApiError(ErrorReason.ServiceUnavailable, $"the agent of host {host} is not connected"));
            return (await expected.Task.WaitAsync(AgentAnswers, time, cancellation), null);
        }
        catch (TimeoutException)
        {
            await Abandon(expected);
            return (null, new ApiError(ErrorReason.ServiceUnavailable, $"the agent of host {host} did not open the stream within {AgentAnswers.TotalSeconds} s"));
        }
        catch (OperationCanceledException)
        {
            await Abandon(expected);
            throw;
        }
        finally
        {
            _expected.TryRemove(request.StreamId, out _);
        }
    }

    /// <summary>Nobody waits any more; a stream that came at the last moment is let go.</summary>
    private static async Task Abandon(TaskCompletionSource<AgentStream> expected)
    {
        if (!expected.TrySetCanceled()) (await expected.Task).Dispose();
    }

    /// <summary>The agent's call: lasts as long as the client's side of the stream.</summary>
    public async Task Join(IAsyncStreamReader<AgentFrame> agent, IServerStreamWriter<SiloFrame> silo, CancellationToken cancellation)
    {
        if (!await agent.MoveNext(cancellation) || agent.Current.FrameCase != AgentFrame.FrameOneofCase.StreamId)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the first frame of a stream is its id"));
        var id = agent.Current.StreamId;
        using var stream = new AgentStream(agent, silo, cancellation);
        if (!_expected.TryRemove(id, out var expected) || !expected.TrySetResult(stream))
            throw new RpcException(new Status(StatusCode.NotFound, $"nobody waits for stream {id}"));
        await stream.Finished.WaitAsync(cancellation);
    }
}

/// <summary>The agent's end of one stream.</summary>
internal sealed class AgentStream(IAsyncStreamReader<AgentFrame> frames, IServerStreamWriter<SiloFrame> input, CancellationToken agentGone) : IDisposable
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the client's side is done with the stream.</summary>
    public Task Finished => _finished.Task;

    /// <summary>The agent's frames until it ends, the client leaves, or the agent is lost.</summary>
    public async IAsyncEnumerable<AgentFrame> Frames([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, agentGone);
        while (await Next(either.Token)) yield return frames.Current;
    }

    private async Task<bool> Next(CancellationToken either)
    {
        try
        {
            return await frames.MoveNext(either);
        }
        catch (Exception lost) when (agentGone.IsCancellationRequested && lost is OperationCanceledException or IOException or InvalidOperationException)
        {
            throw new ApiError(ErrorReason.ServiceUnavailable, "the host's agent was lost while the stream was open").ToException();
        }
    }

    public Task Send(SiloFrame frame, CancellationToken cancellation) => input.WriteAsync(frame, cancellation);

    public void Dispose() => _finished.TrySetResult();
}
