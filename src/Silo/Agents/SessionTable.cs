using System.Collections.Concurrent;
using Orchestrator.Agents.V1;

namespace Orchestrator.Silo.Agents;

/// <summary>The sessions of this silo, by host, and the gateway through which host grains reach them.</summary>
internal sealed class SessionTable(TimeProvider time) : IAgentGateway
{
    private readonly ConcurrentDictionary<string, AgentSession> _sessions = new(StringComparer.Ordinal);
    private long _epoch;

    /// <summary>Opens a session with an epoch above all earlier ones, of earlier silos too; an older session of the host ends.</summary>
    public AgentSession Open(string host)
    {
        var session = new AgentSession(host, NextEpoch());
        _sessions.AddOrUpdate(host, session, (_, older) =>
        {
            older.End();
            return session;
        });
        return session;
    }

    public void Close(AgentSession session)
    {
        _sessions.TryRemove(new KeyValuePair<string, AgentSession>(session.Host, session));
        session.End();
    }

    public Task<DeliverOutcome> Deliver(string host, long epoch, byte[] message)
    {
        var delivered = _sessions.TryGetValue(host, out var session) && session.Epoch == epoch && session.Send(SiloMessage.Parser.ParseFrom(message));
        return Task.FromResult(delivered ? DeliverOutcome.Delivered : DeliverOutcome.NoSession);
    }

    private long NextEpoch()
    {
        while (true)
        {
            var last = Volatile.Read(ref _epoch);
            var next = Math.Max(last + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
            if (Interlocked.CompareExchange(ref _epoch, next, last) == last) return next;
        }
    }
}
