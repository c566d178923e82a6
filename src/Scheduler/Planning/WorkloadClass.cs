namespace Orchestrator.Scheduler.Planning;

/// <summary>The workloads of a batch that have one shape, while they are placed.</summary>
internal sealed class WorkloadClass(WorkloadShape shape, DemandClass demand)
{
    private const int Never = -1;

    private CompiledWorkload? _workload;
    private int _exhaustedAt = Never;
    private int _takenBack;
    private bool _forGood;
    private bool _mayOpen;
    private int _traits;

    public WorkloadShape Shape => shape;

    public DemandClass Demand => demand;

    /// <summary>Members that are not planned yet.</summary>
    public int Waiting { get; set; }

    /// <summary>It is known what the class asks, and counted what it must know of others.</summary>
    public bool IsCompiled => _workload is not null;

    public CompiledWorkload Compiled(Draft draft)
    {
        _workload ??= new CompiledWorkload(shape, draft);
        (_traits, _mayOpen) = (_workload.TraitsId, _workload.MayOpen);
        return _workload;
    }

    /// <summary>The number of its traits.</summary>
    public int TraitsId => _traits;

    /// <summary>Gives back what the counts take; the next member counts anew.</summary>
    public void Forget() => _workload = null;

    /// <summary>
    /// No host was feasible, and none is now: placing takes room away, so that the rest of the batch cannot change it, unless the class
    /// waits for others to come; then until something changes.
    /// </summary>
    public bool Exhausted(Draft draft) => (_forGood && _takenBack == draft.TakenBack) || _exhaustedAt == draft.Changes.Count;

    public void Exhaust(Draft draft) => (_exhaustedAt, _forGood, _takenBack) = (draft.Changes.Count, !_mayOpen, draft.TakenBack);
}
