using CsCheck;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Selectors;
using Orchestrator.Silo.Store;
using LabelSelector = Orchestrator.Silo.Objects.Selectors.LabelSelector;

namespace Orchestrator.Silo.Tests.Cache;

public sealed class WatchTests
{
    private static readonly Kind Kind = KindCatalog.Of<MachineImage>();
    private static readonly ObjectSelection All = new("", "", LabelSelector.Everything, FieldSelector.Everything);

    /// <summary>
    /// Whoever lists and watches from the list's version, while others write, sees every change once and in order: his copy ends equal
    /// to the cluster's state.
    /// </summary>
    [Fact]
    public void A_watcher_never_skips_repeats_or_reorders()
    {
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2]).Array[20, 200].Holds(steps => Run(steps).GetAwaiter().GetResult(), iter: 60, threads: 1);

        static async Task Run((int Which, int Action)[] steps)
        {
            using var silo = new SiloParts();
            var writing = Task.Run(async () =>
            {
                foreach (var (which, action) in steps) await Step(silo, $"i{which}", action);
                await silo.Sequencer.Commit(Write.Create(Key("end"), Kind, Image("end", 0)));
            });
            var watchers = Enumerable.Range(0, 4).Select(i => Follow(silo, fromList: i % 2 == 0)).ToArray();
            await writing;
            var expected = silo.Cache[Kind].Current.Objects.Select(obj => (obj.Key.Name, obj.Revision)).ToArray();
            foreach (var watcher in watchers) Assert.Equal(expected, await watcher);
        }
    }

    [Fact]
    public async Task A_version_that_left_the_window_is_gone_and_one_ahead_of_the_log_too()
    {
        using var silo = new SiloParts();
        for (var i = 0; i < 16400; i++) await silo.Sequencer.Commit(Write.Create(Key($"i{i}"), Kind, Image($"i{i}", 0)));
        await Assert.ThrowsAsync<WatchGoneException>(() => First(silo, new Revision(1)));
        await Assert.ThrowsAsync<WatchGoneException>(() => First(silo, new Revision(99_999)));
        await Assert.ThrowsAsync<WatchGoneException>(() => First(silo, new Revision(16)));
        Assert.Equal(new Revision(18), (await First(silo, new Revision(17))).Revision);
        Assert.Equal(new Revision(16_399), (await First(silo, new Revision(16_398))).Revision);
    }

    [Fact]
    public async Task An_object_that_begins_or_ceases_to_match_is_added_or_deleted()
    {
        using var silo = new SiloParts();
        Assert.True(LabelSelector.TryParse("app=web", out var web, out _));
        var selection = All with { Labels = web! };
        var created = (await silo.Sequencer.Commit(Write.Create(Key("a"), Kind, Image("a", 0)))).Object!;
        var labelled = Image("a", 1);
        labelled.Metadata.Labels["app"] = "web";
        var matching = (await silo.Sequencer.Commit(Write.Update(created, labelled))).Object!;
        await silo.Sequencer.Commit(Write.Update(matching, Image("a", 2)));
        var seen = new List<(WatchEventKind, long)>();
        await foreach (var change in silo.Reader.Watch(Kind, selection, created.Revision, TestContext.Current.CancellationToken))
        {
            if (change.Object is null) break;
            seen.Add((change.Kind, change.Revision.Value));
        }

        Assert.Equal([(WatchEventKind.Added, 2L), (WatchEventKind.Deleted, 3L)], seen);
    }

    private static async Task<WatchedChange> First(SiloParts silo, Revision after)
    {
        await foreach (var change in silo.Reader.Watch(Kind, All, after, TestContext.Current.CancellationToken)) return change;
        throw new InvalidOperationException("A watch doesn't end by itself.");
    }

    private static async Task<(string, Revision)[]> Follow(SiloParts silo, bool fromList)
    {
        var copy = new SortedDictionary<string, Revision>(StringComparer.Ordinal);
        var last = Revision.None;
        Revision? after = null;
        if (fromList)
        {
            var (page, _) = silo.Reader.List(Kind, All, new Orchestrator.Silo.Objects.Reading.ListPosition(0, ""));
            foreach (var obj in page!.Items) copy[obj.Key.Name] = obj.Revision;
            after = last = page.Revision;
            if (copy.ContainsKey("end")) return copy.Select(entry => (entry.Key, entry.Value)).ToArray();
        }

        var live = fromList;
        await foreach (var change in silo.Reader.Watch(Kind, All, after, TestContext.Current.CancellationToken))
        {
            if (change.Object is null)
            {
                Assert.True(change.Revision >= last);
                live = true;
                if (copy.ContainsKey("end")) break;
                continue;
            }

            if (live) Assert.True(change.Revision > last, $"{change.Revision} came after {last}");
            if (change.Revision > last) last = change.Revision;
            var name = change.Object.Key.Name;
            if (change.Kind == WatchEventKind.Deleted) Assert.True(copy.Remove(name));
            else
            {
                Assert.Equal(change.Kind == WatchEventKind.Modified, copy.ContainsKey(name));
                copy[name] = change.Revision;
            }
        }

        return copy.Select(entry => (entry.Key, entry.Value)).ToArray();
    }

    private static async Task Step(SiloParts silo, string name, int action)
    {
        var seen = silo.Cache.Find(Key(name));
        var write = seen is null ? Write.Create(Key(name), Kind, Image(name, action)) : action == 0 ? Write.Delete(seen) : Write.Update(seen, Image(name, action));
        await silo.Sequencer.Commit(write);
    }

    private static ObjectKey Key(string name) => new(Kind.Resource, "default", name);

    private static MachineImage Image(string name, int version) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name, Uid = name },
        Spec = new MachineImageSpec { Image = $"image:{version}" },
    };
}
