using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Scheduling;

namespace Orchestrator.Silo.Tests.Scheduling;

public sealed class GroupPromisesTests
{
    private readonly HashSet<string> _held = [];
    private readonly Dictionary<string, BindAnswer> _refusals = [];
    private readonly GroupPromises _promises;

    public GroupPromisesTests() => _promises = new GroupPromises(
        (host, placements) => Task.FromResult(Array.ConvertAll(placements, placement =>
        {
            if (_refusals.TryGetValue(NameOf(placement), out var refusal)) return refusal;
            _held.Add(NameOf(placement));
            return new BindAnswer(BindOutcome.Held, "");
        })),
        (host, placements) =>
        {
            foreach (var placement in placements) Assert.True(_held.Remove(NameOf(placement)));
            return Task.CompletedTask;
        });

    [Fact]
    public async Task A_group_that_every_host_takes_is_bound_whole()
    {
        var (promised, refused) = await _promises.Ask([Member("a", "one", 2), Member("b", "two", 2)]);
        Assert.Equal(["a", "b"], promised.Select(NameOf));
        Assert.Empty(refused);
    }

    [Theory]
    [InlineData(nameof(BindOutcome.Refused))]
    [InlineData(nameof(BindOutcome.Unavailable))]
    [InlineData(nameof(BindOutcome.Obsolete))]
    public async Task One_refusal_leaves_no_member_bound_and_no_room_held(string refusal)
    {
        _refusals["b"] = new BindAnswer(Enum.Parse<BindOutcome>(refusal), "full");
        var (promised, refused) = await _promises.Ask([Member("a", "one", 3), Member("b", "two", 3), Member("c", "one", 3), Member("other", "two", 1)]);
        Assert.Equal(["other"], promised.Select(NameOf));
        Assert.Equal(["other"], _held);
        Assert.Equal(
            [("a", BindOutcome.Refused), ("b", Enum.Parse<BindOutcome>(refusal)), ("c", BindOutcome.Refused)],
            refused.Select(pair => (NameOf(pair.Placement), pair.Answer.Outcome)).OrderBy(pair => pair.Item1));
        Assert.Equal("2 of at least 3 members of PodGroup crowd found room on their hosts", refused.First(pair => NameOf(pair.Placement) == "a").Answer.Reason);
    }

    [Fact]
    public async Task Members_that_are_placed_already_count()
    {
        _refusals["b"] = new BindAnswer(BindOutcome.Refused, "full");
        var (promised, refused) = await _promises.Ask([Member("a", "one", 3, placed: 2), Member("b", "two", 3, placed: 2)]);
        Assert.Equal(["a"], promised.Select(NameOf));
        Assert.Equal(["b"], refused.Select(pair => NameOf(pair.Placement)));
    }

    private static string NameOf(Placement placement) => placement.Workload.Key.Name;

    private static Placement Member(string name, string host, int least, int placed = 0)
    {
        var group = least == 1 ? "single" : "crowd";
        var workload = new WorkloadView(
            new ObjectKey(new ResourceId("", "pods"), "default", name), name, new ResourceVector { Pods = 1 }, NodeName: "", Selector: [], Tolerations: [], "container", 0, 0)
        {
            Traits = new WorkloadTraits { Namespace = "default", Labels = [new Label(WorkloadView.GroupLabel, group)] },
            Gang = new Gang(group, least, placed),
        };
        return new Placement(workload, new HostName(host), 0);
    }
}
