using Google.Protobuf.WellKnownTypes;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>
/// What the silo shall hear. Of each workload only its newest status waits here, so a slow or absent silo costs
/// memory for the workloads, not for their history; events beyond a bound lose the oldest. A new session hears
/// every status again. "Gone" is repeated until the desired state no longer names the workload.
/// </summary>
internal sealed class Outbox(TimeProvider time)
{
    private const int MaximumEvents = 1000;
    private readonly Lock _lock = new();
    private readonly Dictionary<WorkloadId, WorkloadReport> _reports = [];
    private readonly HashSet<WorkloadId> _gone = [];
    private readonly HashSet<WorkloadId> _unsent = [];
    private readonly Queue<EventReport> _events = new();
    private HostFacts? _unsentFacts;
    private TaskCompletionSource _filled = NewSignal();

    public HostFacts? Facts { get; private set; }

    public void Report(WorkloadId id, WorkloadReport report)
    {
        lock (_lock)
        {
            if (_reports.TryGetValue(id, out var known) && known.Equals(report)) return;
            _reports[id] = report;
            _gone.Remove(id);
            Fill(id);
        }
    }

    public void Gone(WorkloadId id)
    {
        lock (_lock)
        {
            _reports.Remove(id);
            _gone.Add(id);
            Fill(id);
        }
    }

    public void Event(WorkloadId id, string type, string reason, string message, string fieldPath)
    {
        lock (_lock)
        {
            if (_events.Count == MaximumEvents) _events.Dequeue();
            _events.Enqueue(new EventReport
            {
                Workload = id.ToReference(),
                Type = type,
                Reason = reason,
                Message = message,
                FieldPath = fieldPath,
                Time = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            });
            _filled.TrySetResult();
        }
    }

    public void SetFacts(HostFacts facts)
    {
        lock (_lock)
        {
            if (facts.Equals(Facts)) return;
            Facts = facts;
            _unsentFacts = facts;
            _filled.TrySetResult();
        }
    }

    /// <summary>The silo no longer names these: nothing about them needs to be said again.</summary>
    public void ForgetGone(Func<WorkloadId, bool> stillDesired)
    {
        lock (_lock) _gone.RemoveWhere(id => !stillDesired(id) && !_unsent.Contains(id));
    }

    /// <summary>A session begins: everything is unsent again, but for the facts that its Hello has told.</summary>
    public void BeginSession(HostFacts told)
    {
        lock (_lock)
        {
            _unsent.UnionWith(_reports.Keys);
            _unsent.UnionWith(_gone);
            Facts ??= told;
            _unsentFacts = Facts.Equals(told) ? null : Facts;
            if (_unsent.Count > 0 || _unsentFacts is not null) _filled.TrySetResult();
        }
    }

    /// <summary>Waits until there is something to say and takes it all: events first, as they led to the states.</summary>
    public async Task<IReadOnlyList<AgentMessage>> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task filled;
            lock (_lock)
            {
                var messages = TakeUnsent();
                if (messages.Count > 0) return messages;
                if (_filled.Task.IsCompleted) _filled = NewSignal();
                filled = _filled.Task;
            }

            await filled.WaitAsync(cancellation);
        }
    }

    private List<AgentMessage> TakeUnsent()
    {
        var messages = new List<AgentMessage>();
        if (_unsentFacts is not null) messages.Add(new AgentMessage { Facts = _unsentFacts });
        _unsentFacts = null;
        while (_events.TryDequeue(out var told)) messages.Add(new AgentMessage { Event = told });
        foreach (var id in _unsent)
        {
            if (_reports.TryGetValue(id, out var report)) messages.Add(new AgentMessage { Report = report });
            else if (_gone.Contains(id)) messages.Add(new AgentMessage { Gone = new WorkloadGone { Workload = id.ToReference() } });
        }

        _unsent.Clear();
        return messages;
    }

    private void Fill(WorkloadId id)
    {
        _unsent.Add(id);
        _filled.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
