using CsCheck;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Memory;

namespace Orchestrator.Silo.Tests.Store;

public sealed class SequencerTests
{
    private static readonly ClientRequest Request = new("request-1", "create t");
    private static readonly Kind Kind = KindCatalog.Of<MachineType>();

    [Fact]
    public async Task Concurrent_writers_get_consecutive_revisions_and_read_their_own_writes()
    {
        using var silo = new SiloParts();
        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            var result = await silo.Sequencer.Commit(Write.Create(Key($"t{i}"), Kind, Type($"t{i}", 1)));
            Assert.Equal(result.Object, silo.Cache.Find(Key($"t{i}")));
            return result;
        }));
        Assert.All(results, result => Assert.Equal(WriteOutcome.Committed, result.Outcome));
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), results.Select(result => result.Object!.Revision.Value).Order());
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), silo.Disk.Log.Keys.Select(revision => revision.Value));
    }

    [Fact]
    public async Task Of_writers_with_the_same_version_one_wins()
    {
        using var silo = new SiloParts();
        var seen = (await silo.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 1)))).Object!;
        var results = await Task.WhenAll(Enumerable.Range(2, 20).Select(cpus => silo.Sequencer.Commit(Write.Update(seen, Type("t", cpus)))));
        var won = Assert.Single(results, result => result.Outcome == WriteOutcome.Committed);
        Assert.All(results.Where(result => result.Outcome != WriteOutcome.Committed), result => Assert.Equal(WriteOutcome.Conflict, result.Outcome));
        Assert.Equal(won.Object, silo.Cache.Find(Key("t")));
    }

    [Fact]
    public async Task The_stamped_version_is_in_the_object()
    {
        using var silo = new SiloParts();
        await silo.Sequencer.Commit(Write.Create(Key("a"), Kind, Type("a", 1)));
        var result = await silo.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 7)));
        var stored = result.Object!.As<MachineType>();
        Assert.Equal(("2", "t", 7), (stored.Metadata.ResourceVersion, stored.Metadata.Name, stored.Spec.Cpus));
    }

    [Fact]
    public async Task A_repeated_request_is_answered_and_not_done_again_also_by_a_successor()
    {
        var disk = new MemoryRevisionLog.Disk();
        using (var silo = new SiloParts(disk))
        {
            var first = await silo.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 1), Request));
            var again = await silo.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 1), Request));
            Assert.Equal((WriteOutcome.Committed, WriteOutcome.Repeated), (first.Outcome, again.Outcome));
            Assert.Equal(first.Object, again.Object);
        }

        using var successor = new SiloParts(disk);
        var later = await successor.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 1), Request));
        Assert.Equal((WriteOutcome.Repeated, 1L), (later.Outcome, later.Object!.Revision.Value));
        Assert.Equal(new Revision(1), disk.Last);
    }

    [Fact]
    public async Task An_id_that_was_used_for_another_request_is_refused_in_the_same_moment_and_later()
    {
        using var silo = new SiloParts();
        var other = Request with { Target = "create u" };
        var outcomes = await Task.WhenAll(
            silo.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 1), Request)), silo.Sequencer.Commit(Write.Create(Key("u"), Kind, Type("u", 1), other)));
        Assert.Equal([WriteOutcome.Committed, WriteOutcome.OtherRequest], outcomes.Select(result => result.Outcome));
        Assert.Equal(WriteOutcome.OtherRequest, (await silo.Sequencer.Commit(Write.Create(Key("u"), Kind, Type("u", 1), other))).Outcome);
        Assert.Equal(new Revision(1), silo.Disk.Last);
    }

    [Fact]
    public async Task The_same_request_twice_in_one_moment_is_done_once()
    {
        using var silo = new SiloParts();
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => silo.Sequencer.Commit(Write.Create(Key("t"), Kind, Type("t", 1), Request))));
        Assert.Single(results, result => result.Outcome == WriteOutcome.Committed);
        Assert.All(results, result => Assert.True(result.Done));
        Assert.Equal(new Revision(1), silo.Disk.Last);
    }

    [Fact]
    public async Task A_full_store_refuses_writes_serves_reads_and_recovers()
    {
        using var silo = new SiloParts();
        await silo.Sequencer.Commit(Write.Create(Key("a"), Kind, Type("a", 1)));
        silo.Disk.Full = true;
        Assert.Equal(WriteOutcome.Full, (await silo.Sequencer.Commit(Write.Create(Key("b"), Kind, Type("b", 1)))).Outcome);
        Assert.NotNull(silo.Cache.Find(Key("a")));
        Assert.Null(silo.Cache.Find(Key("b")));
        silo.Disk.Full = false;
        Assert.Equal(new Revision(2), (await silo.Sequencer.Commit(Write.Create(Key("b"), Kind, Type("b", 1)))).Object!.Revision);
    }

    [Fact]
    public async Task A_writer_whose_log_was_taken_over_stops_and_says_so()
    {
        using var silo = new SiloParts();
        var fenced = 0;
        silo.Sequencer.Fenced += () => fenced++;
        new MemoryRevisionLog(silo.Disk).Open();
        Assert.Equal(WriteOutcome.Unavailable, (await silo.Sequencer.Commit(Write.Create(Key("a"), Kind, Type("a", 1)))).Outcome);
        Assert.Equal(WriteOutcome.Unavailable, (await silo.Sequencer.Commit(Write.Create(Key("b"), Kind, Type("b", 1)))).Outcome);
        Assert.Equal(1, fenced);
        Assert.Equal(Revision.None, silo.Disk.Last);
    }

    /// <summary>Any mix of writes ends as a plain dictionary with versions would, and a successor reads the same.</summary>
    [Fact]
    public void Writes_behave_like_a_dictionary_with_versions()
    {
        var operations = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[1, 100]).Array[1, 60];
        operations.Holds(steps =>
        {
            var disk = new MemoryRevisionLog.Disk();
            var model = new Dictionary<string, (int Cpus, long Revision)>();
            using (var silo = new SiloParts(disk))
            {
                foreach (var (which, action, cpus) in steps) Step(silo, model, $"t{which}", action, cpus);
                Assert.Equal(Expected(model), Actual(silo.Cache));
            }

            using var successor = new SiloParts(disk);
            Assert.Equal(Expected(model), Actual(successor.Cache));
        }, iter: 300);
    }

    private static void Step(SiloParts silo, Dictionary<string, (int Cpus, long Revision)> model, string name, int action, int cpus)
    {
        var seen = silo.Cache.Find(Key(name));
        var write = action switch
        {
            0 => Write.Create(Key(name), Kind, Type(name, cpus)),
            1 when seen is not null => Write.Delete(seen),
            2 => new Write(Key(name), Kind, new Revision(cpus), Type(name, cpus)),
            _ when seen is not null => Write.Update(seen, Type(name, cpus)),
            _ => Write.Create(Key(name), Kind, Type(name, cpus)),
        };
        var fits = model.TryGetValue(name, out var present) ? present.Revision == write.Expected.Value : write.Expected == Revision.None;
        var result = silo.Sequencer.Commit(write).GetAwaiter().GetResult();
        Assert.Equal(fits ? WriteOutcome.Committed : WriteOutcome.Conflict, result.Outcome);
        if (!fits) return;
        if (write.Message is null) model.Remove(name);
        else model[name] = (cpus, result.Object!.Revision.Value);
    }

    private static IEnumerable<(string, int, long)> Expected(Dictionary<string, (int Cpus, long Revision)> model) =>
        model.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value.Cpus, entry.Value.Revision));

    private static IEnumerable<(string, int, long)> Actual(ObjectCache cache) =>
        cache[Kind].Current.Objects.Select(obj => (obj.Key.Name, obj.As<MachineType>().Spec.Cpus, obj.Revision.Value));

    private static ObjectKey Key(string name) => new(Kind.Resource, "", name);

    private static MachineType Type(string name, int cpus) =>
        new() { Metadata = new ObjectMeta { Name = name, Uid = name }, Spec = new MachineTypeSpec { Cpus = cpus, Memory = "1Gi" } };
}
