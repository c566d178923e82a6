using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Connection;

internal readonly record struct SessionEnd(bool Welcomed, string Reason);

/// <summary>
/// One session after the other with a silo. Agent: Hello, then heartbeats and what the outbox holds. Silo: Welcome,
/// the full desired state, then changes. A silo that leaves heartbeats unanswered for a lease counts as gone.
/// </summary>
internal sealed class SiloSession(
    SiloClient silo, HostAssignments assignments, Outbox outbox, HostFactsBuilder facts, HostUsageSampler usage, StreamOpener streams,
    ClusterNetwork network, AgentOptions options, TimeProvider time, ILogger<SiloSession> logger)
{
    private static readonly TimeSpan WelcomeLimit = TimeSpan.FromSeconds(10);
    private long _epoch;
    private DesiredState _desired = new();

    /// <summary>Ends when the stream does, or with <paramref name="stopping"/>. It throws only for bugs.</summary>
    public async Task<SessionEnd> RunAsync(CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Welcome? welcome = null;
        _desired = new DesiredState();
        try
        {
            using var call = silo.Calls.Connect(cancellationToken: ended.Token);
            var hello = new Hello { Host = options.Host, AgentVersion = HostProbe.AgentVersion, Facts = outbox.Facts ?? await facts.BuildAsync(ended.Token) };
            await call.RequestStream.WriteAsync(new AgentMessage { Hello = hello }, ended.Token);
            welcome = await WelcomeAsync(call, ended);
            if (welcome is null) return new SessionEnd(false, "the silo's first message is not its welcome");
            outbox.BeginSession(hello.Facts);
            return new SessionEnd(true, await ConverseAsync(call, welcome, ended));
        }
        catch (RpcException broken)
        {
            return new SessionEnd(welcome is not null, $"{broken.StatusCode}: {broken.Status.Detail}");
        }
        catch (OperationCanceledException)
        {
            return new SessionEnd(false, "the silo didn't answer in time");
        }
        catch (InvalidOperationException completed)
        {
            // Grpc.Net says so when a write meets a call that has just ended.
            return new SessionEnd(welcome is not null, completed.Message);
        }
    }

    private async Task<Welcome?> WelcomeAsync(AsyncDuplexStreamingCall<AgentMessage, SiloMessage> call, CancellationTokenSource ended)
    {
        using var limit = time.CreateTimer(_ => ended.Cancel(), null, WelcomeLimit, Timeout.InfiniteTimeSpan);
        if (!await call.ResponseStream.MoveNext(ended.Token) || call.ResponseStream.Current.Welcome is not { } welcome) return null;
        if (welcome.Epoch < _epoch) logger.LogWarning("The silo's epoch went back from {Known} to {Epoch}", _epoch, welcome.Epoch);
        _epoch = welcome.Epoch;
        network.Welcome(welcome);
        logger.LogInformation("Connected as {Host}, epoch {Epoch}", options.Host, welcome.Epoch);
        return welcome;
    }

    /// <summary>Reads until the stream ends; writers and opened streams end with it.</summary>
    private async Task<string> ConverseAsync(AsyncDuplexStreamingCall<AgentMessage, SiloMessage> call, Welcome welcome, CancellationTokenSource ended)
    {
        using var heartbeat = new Heartbeats(call.RequestStream, usage, welcome, time, ended);
        using var writing = new SemaphoreSlim(1);
        var tasks = new List<Task> { heartbeat.RunAsync(writing), SendAsync(call.RequestStream, writing, ended.Token) };
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token)) Handle(call.ResponseStream.Current, heartbeat, tasks, ended.Token);
            return "the silo closed it";
        }
        catch (Exception broken) when (heartbeat.Lost && broken is RpcException or OperationCanceledException)
        {
            return "the silo left heartbeats unanswered";
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Handle(SiloMessage message, Heartbeats heartbeat, List<Task> tasks, CancellationToken ended)
    {
        switch (message.MessageCase)
        {
            case SiloMessage.MessageOneofCase.Desired: Gather(message.Desired); break;
            case SiloMessage.MessageOneofCase.Change: assignments.Apply(message.Change); break;
            case SiloMessage.MessageOneofCase.Network: network.Apply(message.Network); break;
            case SiloMessage.MessageOneofCase.Heartbeat: heartbeat.Answered(); break;
            case SiloMessage.MessageOneofCase.OpenStream:
                tasks.RemoveAll(task => task.IsCompletedSuccessfully);
                tasks.Add(streams.RunAsync(message.OpenStream, ended));
                break;
            default: logger.LogDebug("A message that this agent doesn't know was ignored"); break;
        }
    }

    /// <summary>Acts on the whole only: what a missing part would have named must not go.</summary>
    private void Gather(DesiredState part)
    {
        _desired.Assignments.Add(part.Assignments);
        if (part.More) return;
        assignments.ReplaceAll(_desired);
        _desired = new DesiredState();
    }

    private async Task SendAsync(IClientStreamWriter<AgentMessage> stream, SemaphoreSlim writing, CancellationToken ended)
    {
        while (true)
        {
            foreach (var message in await outbox.TakeAsync(ended))
            {
                await writing.WaitAsync(ended);
                try
                {
                    await stream.WriteAsync(message, ended);
                }
                finally
                {
                    writing.Release();
                }
            }
        }
    }
}
