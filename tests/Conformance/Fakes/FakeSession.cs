using System.Threading.Channels;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>One session of an agent as the silo sees it.</summary>
public sealed class FakeSession(Hello hello, IServerStreamWriter<SiloMessage> writer, CancellationToken ended) : IDisposable
{
    private readonly Channel<AgentMessage> _messages = Channel.CreateUnbounded<AgentMessage>();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _close = CancellationTokenSource.CreateLinkedTokenSource(ended);

    private readonly Dictionary<string, AgentMessage> _latest = [];

    public Hello Hello => hello;

    public List<EventReport> Events { get; } = [];

    public bool AnswersHeartbeats { get; set; } = true;

    public async Task SendAsync(SiloMessage message)
    {
        await _writing.WaitAsync(ended);
        try
        {
            await writer.WriteAsync(message, ended);
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task DesireAsync(params Assignment[] assignments)
    {
        var state = new DesiredState();
        state.Assignments.AddRange(assignments);
        return SendAsync(new SiloMessage { Desired = state });
    }

    public Task ChangeAsync(Assignment assignment) => SendAsync(new SiloMessage { Change = new WorkloadChange { Assignment = assignment } });

    public void Close() => _close.Cancel();

    /// <summary>The next message that matches; those before it are dropped, their events are kept.</summary>
    public async Task<AgentMessage> NextAsync(Func<AgentMessage, bool> matches, CancellationToken cancellation)
    {
        await foreach (var message in _messages.Reader.ReadAllAsync(cancellation))
        {
            if (message.Event is { } told) Events.Add(told);
            if ((message.Report?.Workload ?? message.Gone?.Workload) is { } workload) _latest[workload.Uid] = message;
            if (matches(message)) return message;
        }

        throw new InvalidOperationException("the session ended");
    }

    /// <summary>The newest status of a pod once it matches; that may be one that has been heard already.</summary>
    public async Task<PodStatus> PodAsync(string uid, Func<PodStatus, bool> matches, CancellationToken cancellation)
        => (await StateAsync(uid, message => message.Report?.Pod is { } pod && matches(pod), cancellation)).Report.Pod;

    public async Task<VirtualMachineStatus> MachineAsync(string uid, Func<VirtualMachineStatus, bool> matches, CancellationToken cancellation)
        => (await StateAsync(uid, message => message.Report?.VirtualMachine is { } machine && matches(machine), cancellation)).Report.VirtualMachine;

    public Task GoneAsync(string uid, CancellationToken cancellation) => StateAsync(uid, message => message.Gone is not null, cancellation);

    private async Task<AgentMessage> StateAsync(string uid, Func<AgentMessage, bool> matches, CancellationToken cancellation)
        => _latest.TryGetValue(uid, out var known) && matches(known) ? known
            : await NextAsync(message => (message.Report?.Workload ?? message.Gone?.Workload)?.Uid == uid && matches(message), cancellation);

    internal async Task ReadAsync(IAsyncStreamReader<AgentMessage> reader)
    {
        try
        {
            await foreach (var message in reader.ReadAllAsync(_close.Token))
            {
                if (message.Heartbeat is { } beat && AnswersHeartbeats)
                    await SendAsync(new SiloMessage { Heartbeat = new HeartbeatAnswer { Sequence = beat.Sequence } });
                _messages.Writer.TryWrite(message);
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or InvalidOperationException or RpcException)
        {
        }

        _messages.Writer.TryComplete();
    }

    public void Dispose()
    {
        _close.Dispose();
        _writing.Dispose();
    }
}
