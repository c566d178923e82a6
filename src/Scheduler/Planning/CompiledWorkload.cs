using Orchestrator.Scheduler.Ranking;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// A class of workloads in the numbers of one plan: labels and taints as ids, tolerations decided for every taint, what it must know
/// of others counted.
/// </summary>
internal sealed class CompiledWorkload
{
    private readonly HostTaint[] _taints;

    public CompiledWorkload(WorkloadShape shape, Draft draft)
    {
        Shape = shape;
        var (demand, symbols) = (shape.Demand, draft.Symbols);
        SelectorIds = new int[demand.Selector.Count];
        for (var i = 0; i < SelectorIds.Length; i++) SelectorIds[i] = symbols.Labels.Find(demand.Selector[i]);
        RequiredHosts = (demand.RequiredHosts?.Terms ?? []).Select(term => new CompiledHostTerm(term, symbols.Labels)).ToArray();
        PreferredHosts = demand.PreferredHosts.Select(one => (one.Weight, new CompiledHostTerm(one.Term, symbols.Labels))).ToArray();
        RuntimeClassId = symbols.RuntimeClasses.Find(demand.RuntimeClass);
        ArchitectureId = demand.Architecture.Length == 0 ? RuntimeClassId : symbols.RuntimeClasses.Find($"{demand.RuntimeClass}/{demand.Architecture}");
        ToleratesUnschedulable = Tolerates(HostTaint.Unschedulable);
        TraitsId = symbols.Traits.Find(shape.Traits);
        ConflictingTraits = demand.Ports.Count == 0 ? [] : Array.ConvertAll(draft.Traits, Conflicts);
        Images = ImageLocality.Compile(demand.Images, draft);
        Ranking = draft.Profiles.Of(demand.SchedulerName);
        Named = NamedChoice.Slots(demand, draft);

        _taints = symbols.Taints.Symbols;
        ForbiddenTaints = new bool[_taints.Length];
        DiscouragingTaints = new bool[_taints.Length];
        for (var id = 0; id < _taints.Length; id++)
        {
            var tolerated = Tolerates(_taints[id]);
            ForbiddenTaints[id] = !tolerated && _taints[id].Effect != TaintEffect.PreferNoSchedule;
            DiscouragingTaints[id] = !tolerated && _taints[id].Effect == TaintEffect.PreferNoSchedule;
            AnyDiscouragingTaint |= DiscouragingTaints[id];
        }

        // Last: which hosts a spread constraint counts, the rules before it decide.
        Neighborhood = Neighborhood.Of(this, draft);
        Neighborhood?.CatchUp(draft);
    }

    public WorkloadShape Shape { get; }

    public HostDemand Demand => Shape.Demand;

    /// <summary>The label id of each pair of the selector; <see cref="SymbolTable{T}.Unknown"/> if no host has it.</summary>
    public int[] SelectorIds { get; }

    public CompiledHostTerm[] RequiredHosts { get; }

    public (int Weight, CompiledHostTerm Term)[] PreferredHosts { get; }

    public int RuntimeClassId { get; }

    /// <summary>The runtime class for guests of the wanted architecture; the class itself if none is wanted.</summary>
    public int ArchitectureId { get; }

    public bool ToleratesUnschedulable { get; }

    public int TraitsId { get; }

    /// <summary>By traits: whether a workload with them takes a port that this one takes. Empty if this one takes none.</summary>
    public bool[] ConflictingTraits { get; }

    public ImageLocality.Image[] Images { get; }

    public RankingProfile Ranking { get; }

    /// <summary>The slots of the only hosts that it names; null if it names none.</summary>
    public int[]? Named { get; }

    /// <summary>By taint id: whether the taint keeps the workload away.</summary>
    public bool[] ForbiddenTaints { get; }

    /// <summary>By taint id: whether the taint makes a host less wanted.</summary>
    public bool[] DiscouragingTaints { get; }

    public bool AnyDiscouragingTaint { get; }

    /// <summary>Null if no other workload matters.</summary>
    public Neighborhood? Neighborhood { get; }

    /// <summary>
    /// A placement may open hosts to this class: by where others are, or because what a machine takes of an overcommitted host is
    /// rounded, so that one more beside another may take nothing.
    /// </summary>
    public bool MayOpen => Neighborhood?.MayOpen == true || Demand.Requests is { VirtualMilliCpu: > 0 } or { MachineMemoryBytes: > 0 };

    public HostTaint Taint(int id) => _taints[id];

    private bool Tolerates(HostTaint taint)
    {
        foreach (var toleration in Demand.Tolerations)
            if (toleration.Tolerates(taint)) return true;
        return false;
    }

    private bool Conflicts(WorkloadTraits other)
    {
        foreach (var own in Demand.Ports)
            foreach (var port in other.Ports)
                if (own.Conflicts(port)) return true;
        return false;
    }
}
