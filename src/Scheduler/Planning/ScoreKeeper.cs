using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// Finds the best host for each workload of a batch, and keeps what the next ones of its class and of its demand can use: as much as
/// the batch may remember.
/// </summary>
internal sealed class ScoreKeeper(Draft draft, int mostKept)
{
    private readonly HostGroups _all = draft.Groups([]);
    private readonly PlaceChoice _places = new(draft);
    private int _scores;
    private int _neighborhoods;

    /// <summary>The slot of the best host and its score; <see cref="HostScores.NoHost"/> if no host is feasible.</summary>
    public (int Slot, int Score) Best(WorkloadClass own)
    {
        var known = own.IsCompiled;
        var workload = own.Compiled(draft);
        if (workload is { Neighborhood: null, Named: { } few }) return NamedChoice.Best(draft, workload, few);

        var scores = ScoresFor(own.Demand, workload);
        if (workload.Neighborhood is not { } neighborhood) return scores.Best();
        neighborhood.CatchUp(draft);
        var best = _places.Best(workload, scores.Tournaments);
        Keep(own, known);
        return best;
    }

    /// <summary>No member is left: what was kept for them makes room.</summary>
    public void Drop(DemandClass demand)
    {
        _scores -= demand.Kept;
        demand.Drop();
    }

    private HostScores ScoresFor(DemandClass demand, CompiledWorkload workload)
    {
        var groups = workload.Neighborhood?.Groups ?? _all;
        if (demand.Find(groups) is { } kept)
        {
            kept.CatchUp();
            return kept;
        }

        var scores = new HostScores(draft, workload, groups);
        if (demand.Waiting == 0 || _scores >= mostKept) return scores;
        demand.Keep(scores);
        _scores++;
        return scores;
    }

    private void Keep(WorkloadClass own, bool known)
    {
        if (own.Waiting == 0 || (!known && _neighborhoods >= mostKept))
        {
            if (known) _neighborhoods--;
            own.Forget();
        }
        else if (!known)
        {
            _neighborhoods++;
        }
    }
}
