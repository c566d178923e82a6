using Orchestrator.Scheduler.Preemption;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// One run of the planner: takes the workloads one after another and finds the best host for each, what was placed
/// before counted in.
/// </summary>
internal sealed class Batch
{
    private readonly Draft _draft;
    private readonly ScoreKeeper _scores;
    private readonly Preemptor _preemptor;
    private readonly Member[] _members;
    private readonly ILookup<(string, string), Member> _gangs;
    private readonly List<Placement> _placements = [];
    private readonly List<(Member Member, GangShortfall? Shortfall)> _unplaced = [];
    private readonly List<Nomination> _nominations = [];

    /// <param name="snapshot">The hosts.</param>
    /// <param name="pending">The workloads to place.</param>
    /// <param name="settings">How hosts are ranked, and how many classes may keep what is known for them.</param>
    public Batch(ClusterSnapshot snapshot, IReadOnlyList<WorkloadView> pending, PlanSettings settings)
    {
        _members = Classify(PendingOrder.Sort(pending));
        _gangs = _members.Where(member => member.Workload.Gang is not null).ToLookup(GangOf);
        _draft = new Draft(snapshot, _members.Select(member => member.Class.Shape.Traits), settings.Ranking());
        _scores = new ScoreKeeper(_draft, settings.KeptClasses(snapshot.Count));
        _preemptor = new Preemptor(_draft, snapshot.Budgets);
    }

    /// <summary>A workload of the batch and its class.</summary>
    private sealed record Member(WorkloadView Workload, WorkloadClass Class);

    public Plan Run()
    {
        var begun = new HashSet<(string, string)>();
        foreach (var member in _members)
        {
            if (member.Workload.Gang is null) Place(member);
            else if (begun.Add(GangOf(member))) PlaceTogether(member.Workload.Gang, [.. _gangs[GangOf(member)]]);
        }

        return new Plan(_placements, Explained(), _nominations);
    }

    private static (string, string) GangOf(Member member) => (member.Workload.Key.Namespace, member.Workload.Gang!.Name);

    private static Member[] Classify(WorkloadView[] workloads)
    {
        var classes = new Dictionary<WorkloadShape, WorkloadClass>();
        var demands = new Dictionary<HostDemand, DemandClass>();
        return Array.ConvertAll(workloads, workload =>
        {
            var shape = WorkloadShape.Of(workload);
            if (!classes.TryGetValue(shape, out var own))
            {
                if (!demands.TryGetValue(shape.Demand, out var demand)) demands.Add(shape.Demand, demand = new DemandClass());
                classes.Add(shape, own = new WorkloadClass(shape, demand));
            }

            own.Waiting++;
            own.Demand.Waiting++;
            return new Member(workload, own);
        });
    }

    private void Place(Member member)
    {
        if (Find(member) is { } found)
        {
            _placements.Add(found.Placement);
            return;
        }

        _unplaced.Add((member, null));
        if (_preemptor.For(member.Workload, member.Class.Shape) is { } nomination) _nominations.Add(nomination);
    }

    /// <summary>All members at the turn of the first: enough of them find a host, or what they took is given back.</summary>
    private void PlaceTogether(Gang gang, Member[] members)
    {
        var found = new List<(Member Member, Placement Placement, int Slot)>();
        var left = new List<Member>();
        Explanation? missing = null;
        var enough = gang.MinimumMembers is { } minimum && members.Length + gang.Placed >= minimum;
        foreach (var member in members)
        {
            if (enough && Find(member) is { } place)
            {
                found.Add((member, place.Placement, place.Slot));
                continue;
            }

            left.Add(member);
            if (enough) missing ??= Explain(member.Class);
        }

        if (enough && found.Count + gang.Placed >= gang.MinimumMembers)
        {
            _placements.AddRange(found.Select(one => one.Placement));
            _unplaced.AddRange(left.Select(member => (member, (GangShortfall?)null)));
            return;
        }

        foreach (var (member, _, slot) in Enumerable.Reverse(found)) _draft.TakeBack(slot, member.Workload.Requests, member.Class.TraitsId);
        var shortfall = new GangShortfall(gang, members.Length + gang.Placed, found.Count + gang.Placed, missing);
        _unplaced.AddRange(members.Select(member => (member, (GangShortfall?)shortfall)));
    }

    private (Placement Placement, int Slot)? Find(Member member)
    {
        var own = member.Class;
        own.Waiting--;
        own.Demand.Waiting--;
        var (slot, score) = own.Exhausted(_draft) ? (HostScores.NoHost, 0) : _scores.Best(own);
        if (own.Demand.Waiting == 0) _scores.Drop(own.Demand);
        if (slot == HostScores.NoHost)
        {
            if (!own.Exhausted(_draft)) own.Exhaust(_draft);
            return null;
        }

        _draft.Place(slot, member.Workload.Requests, own.TraitsId);
        return (new Placement(member.Workload, _draft.HostAt(slot).Name, score), slot);
    }

    /// <summary>Each class once, on the hosts as the whole batch leaves them: what is said is true of the cluster as planned.</summary>
    private List<Unplaced> Explained()
    {
        var explanations = new Dictionary<WorkloadClass, Explanation>();
        var explained = new List<Unplaced>(_unplaced.Count);
        foreach (var (member, shortfall) in _unplaced)
        {
            if (!explanations.TryGetValue(member.Class, out var explanation)) explanations.Add(member.Class, explanation = Explain(member.Class));
            explained.Add(new Unplaced(member.Workload, explanation, shortfall));
        }

        return explained;
    }

    private Explanation Explain(WorkloadClass own) => Explainer.Explain(_draft, new CompiledWorkload(own.Shape, _draft));
}
