using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// The workloads of a batch that ask the same of a host, of whatever classes: they share the scores of hosts, once for each way in which
/// their classes group the hosts.
/// </summary>
internal sealed class DemandClass
{
    private readonly List<HostScores> _kept = [];

    /// <summary>Members that are not planned yet.</summary>
    public int Waiting { get; set; }

    public int Kept => _kept.Count;

    public HostScores? Find(HostGroups groups)
    {
        foreach (var scores in _kept)
            if (ReferenceEquals(scores.Tournaments.Groups, groups)) return scores;
        return null;
    }

    public void Keep(HostScores scores) => _kept.Add(scores);

    public void Drop() => _kept.Clear();
}
