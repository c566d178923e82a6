using Grpc.Core;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>Sends heartbeats, and ends the session when none was answered for a lease.</summary>
internal sealed class Heartbeats : IDisposable
{
    private const int DefaultHeartbeatSeconds = 5;
    private const int LeaseHeartbeats = 4;
    private readonly IClientStreamWriter<AgentMessage> _stream;
    private readonly HostUsageSampler _usage;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _session;
    private readonly ITimer _silence;

    public Heartbeats(
        IClientStreamWriter<AgentMessage> stream, HostUsageSampler usage, Welcome welcome, TimeProvider time, CancellationTokenSource session)
    {
        (_stream, _usage, _time, _session) = (stream, usage, time, session);
        _interval = TimeSpan.FromSeconds(welcome.HeartbeatSeconds > 0 ? welcome.HeartbeatSeconds : DefaultHeartbeatSeconds);
        _lease = welcome.LeaseSeconds > 0 ? TimeSpan.FromSeconds(welcome.LeaseSeconds) : _interval * LeaseHeartbeats;
        _silence = time.CreateTimer(_ => End(), null, _lease, Timeout.InfiniteTimeSpan);
    }

    public bool Lost { get; private set; }

    public void Answered() => _silence.Change(_lease, Timeout.InfiniteTimeSpan);

    public async Task RunAsync(SemaphoreSlim writing)
    {
        using var timer = new PeriodicTimer(_interval, _time);
        for (long sequence = 1; ; sequence++)
        {
            var message = new AgentMessage { Heartbeat = new Heartbeat { Sequence = sequence, Usage = _usage.Sample() } };
            await writing.WaitAsync(_session.Token);
            try
            {
                await _stream.WriteAsync(message, _session.Token);
            }
            finally
            {
                writing.Release();
            }

            await timer.WaitForNextTickAsync(_session.Token);
        }
    }

    public void Dispose() => _silence.Dispose();

    private void End()
    {
        Lost = true;
        _session.Cancel();
    }
}
