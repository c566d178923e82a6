using Orchestrator.Scheduler;
using Orchestrator.Silo.Hosts;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// Before any member of a group is bound, the hosts promise room for all that were planned: a plan may be made on an old view, and half a
/// group is of no use to anybody.
/// <code>
///   planned ──Hold──► enough of the group promised ──► offered as any other
///                └──► too few ──Release──► refused: planned again, as a whole
/// </code>
/// </summary>
/// <param name="hold">Asks a host to promise room.</param>
/// <param name="release">Gives promises of a host back.</param>
internal sealed class GroupPromises(Func<string, Placement[], Task<BindAnswer[]>> hold, Func<string, Placement[], Task> release)
{
    /// <summary>Those that may be bound, and those whose group found too little room or that were refused themselves.</summary>
    public async Task<(IReadOnlyList<Placement> Promised, IReadOnlyList<(Placement Placement, BindAnswer Answer)> Refused)> Ask(IEnumerable<Placement> placements)
    {
        var asked = await Task.WhenAll(ByHost(placements).Select(async group => group.Placements.Zip(await hold(group.Host, group.Placements))));
        var (promised, givenUp, refused) = (new List<Placement>(), new List<Placement>(), new List<(Placement, BindAnswer)>());
        foreach (var group in asked.SelectMany(pairs => pairs).GroupBy(pair => (pair.First.Workload.Key.Namespace, pair.First.Workload.Group)))
        {
            refused.AddRange(group.Where(pair => pair.Second.Outcome != BindOutcome.Held));
            var held = group.Where(pair => pair.Second.Outcome == BindOutcome.Held).Select(pair => pair.First).ToList();
            var gang = group.First().First.Workload.Gang!;
            var members = held.Count + gang.Placed;
            (members >= gang.MinimumMembers ? promised : givenUp).AddRange(held);
            if (members < gang.MinimumMembers) refused.AddRange(held.Select(one => (one, new BindAnswer(BindOutcome.Refused, Shortfall(gang, members)))));
        }

        await Task.WhenAll(ByHost(givenUp).Select(group => release(group.Host, group.Placements)));
        return (promised, refused);
    }

    private static string Shortfall(Gang gang, int members) => $"{members} of at least {gang.MinimumMembers} members of PodGroup {gang.Name} found room on their hosts";

    private static IEnumerable<(string Host, Placement[] Placements)> ByHost(IEnumerable<Placement> placements) =>
        placements.GroupBy(placement => placement.Host.Value).Select(group => (group.Key, group.ToArray()));
}
