using System.Threading.Channels;
using Orchestrator.Agents.V1;

namespace Orchestrator.Silo.Agents;

/// <summary>One agent's stream on this silo. Messages wait in a bounded queue; an agent that can't keep up loses the session and resyncs.</summary>
internal sealed class AgentSession(string host, long epoch) : IDisposable
{
    private const int QueuedMessages = 4096;

    private readonly Channel<SiloMessage> _outbound = Channel.CreateBounded<SiloMessage>(
        new BoundedChannelOptions(QueuedMessages) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly CancellationTokenSource _ended = new();

    public string Host => host;
    public long Epoch => epoch;

    /// <summary>Cancelled when the session has to end: a newer one has come, or the agent is too slow.</summary>
    public CancellationToken Ended => _ended.Token;

    public IAsyncEnumerable<SiloMessage> Outbound(CancellationToken cancellation) => _outbound.Reader.ReadAllAsync(cancellation);

    public bool Send(SiloMessage message)
    {
        if (_ended.IsCancellationRequested) return false;
        if (_outbound.Writer.TryWrite(message)) return true;
        End();
        return false;
    }

    public void End() => _ended.Cancel();

    public void Dispose() => _ended.Dispose();
}
