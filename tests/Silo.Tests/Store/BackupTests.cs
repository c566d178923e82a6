using CsCheck;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoordinationV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Backups;
using Orchestrator.Silo.Tests.Objects;

namespace Orchestrator.Silo.Tests.Store;

public sealed class BackupTests(ITestOutputHelper output)
{
    private static readonly Kind Leases = KindCatalog.Of<Lease>();

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restore_brings_back_what_was_there_and_watchers_see_each_step_of_it()
    {
        using var silo = await Samples.Silo();
        foreach (var name in new[] { "kept", "changed", "deleted", "replaced" }) await Create(silo, name, "before");
        var file = BytesOf(silo.Cache);
        var before = Describe(silo.Cache);

        await Update(silo, "changed", "after");
        await Delete(silo, "deleted");
        await Delete(silo, "replaced");
        await Create(silo, "replaced", "another");
        await Create(silo, "new", "after");
        var after = silo.Cache.Revision;

        var (backup, problem) = Backup.Read(file);
        Assert.Equal("", problem);
        Assert.Equal(WriteOutcome.Committed, await silo.Sequencer.Commit(cache => RestorePlan.For(backup!, cache), Limit));
        Assert.Equal(before, Describe(silo.Cache));
        Assert.Equal(
            ["DELETE default/new", "DELETE default/replaced", "CREATE default/deleted", "CREATE default/replaced", "UPDATE default/changed"],
            Changes(silo.Cache, after).Order(StringComparer.Ordinal).OrderBy(change => change[0] == 'D' ? 0 : change[0] == 'C' ? 1 : 2));

        // The log is as whole as after any write, and a second restore finds nothing to do.
        Assert.Equal(Enumerable.Range(1, (int)silo.Cache.Revision.Value).Select(i => (long)i), silo.Disk.Log.Keys.Select(revision => revision.Value));
        var reached = silo.Cache.Revision;
        (backup, _) = Backup.Read(BytesOf(silo.Cache));
        await silo.Sequencer.Commit(cache => RestorePlan.For(backup!, cache), Limit);
        Assert.Equal(reached, silo.Cache.Revision);
        using var successor = new SiloParts(silo.Disk);
        Assert.Equal(before, Describe(successor.Cache));
    }

    [Fact]
    public async Task Kinds_of_ones_own_come_and_go_with_their_objects()
    {
        using var silo = await Samples.Silo();
        var none = BytesOf(silo.Cache);
        var documents = Manifests.Read(await File.ReadAllBytesAsync(Rest.Tools.InRepository("examples/09-your-own-kind.yaml"), Limit), "").Objects;
        Assert.Equal(2, documents.Count);
        foreach (var document in documents)
        {
            document.Kind.EnsureMetadata(document.Message).Namespace = document.Kind.Namespaced ? "default" : "";
            Assert.Null((await silo.Pipeline.Create(document.Kind, document.Message, RequestOptions.Default, Limit)).Error);
        }

        var (both, before) = (BytesOf(silo.Cache), Describe(silo.Cache));
        foreach (var (file, there) in new[] { (none, false), (both, true) })
        {
            Assert.Equal(WriteOutcome.Committed, await silo.Sequencer.Commit(cache => RestorePlan.For(Backup.Read(file).Backup!, cache), Limit));
            Assert.Equal(there, silo.Cache.Served.Find("example.dev/v1", "CronTab") is not null);
        }

        Assert.Equal(before, Describe(silo.Cache));
        using var next = new SiloParts(silo.Disk);
        Assert.Equal(before, Describe(next.Cache));
    }

    [Fact]
    public async Task A_backup_is_of_one_revision_however_fast_the_cluster_changes()
    {
        using var silo = await Samples.Silo();
        using var done = new CancellationTokenSource();
        // Each step writes one object of each of two kinds, always this one first.
        var writing = Task.Run(async () =>
        {
            for (var step = 0; !done.IsCancellationRequested; step++)
            {
                await Create(silo, $"l{step}", "x");
                await silo.Create(Samples.Read($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{step}, namespace: default}}}}"));
            }
        }, Limit);
        for (var round = 0; round < 50; round++)
        {
            var (backup, problem) = Backup.Read(BytesOf(silo.Cache));
            Assert.Equal("", problem);
            var (leases, maps) = (backup!.Objects.Keys.Count(key => key.Resource.Plural == "leases"), backup.Objects.Keys.Count(key => key.Resource.Plural == "configmaps"));
            Assert.InRange(leases - maps, 0, 1);
        }

        await done.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_file_that_is_cut_or_changed_is_no_backup()
    {
        using var silo = await Samples.Silo();
        for (var number = 0; number < 40; number++) await Create(silo, $"l{number}", "x");
        var whole = BytesOf(silo.Cache);
        for (var length = 0; length < whole.Length; length++) Assert.Null(Backup.Read(whole[..length]).Backup);
        Assert.Null(Backup.Read([.. whole, 0]).Backup);
        var changed = 0;
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[1, 255]).Holds((at, by) =>
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= (byte)by;
            var (backup, problem) = Backup.Read(damaged);
            Assert.Null(backup);
            Assert.NotEmpty(problem);
            Interlocked.Increment(ref changed);
        }, iter: 2000);
        output.WriteLine($"{whole.Length} cut and {changed} changed files refused");
    }

    [Fact]
    public async Task A_store_without_room_is_restored_not_at_all()
    {
        using var silo = await Samples.Silo();
        await Create(silo, "a", "before");
        var (backup, _) = Backup.Read(BytesOf(silo.Cache));
        await Update(silo, "a", "after");
        var present = Describe(silo.Cache);
        silo.Disk.Full = true;
        Assert.Equal(WriteOutcome.Full, await silo.Sequencer.Commit(cache => RestorePlan.For(backup!, cache), Limit));
        Assert.Equal(present, Describe(silo.Cache));
    }

    [Fact]
    public async Task Nodes_stay_as_their_hosts_say_and_come_back_where_they_are_missing()
    {
        using var silo = await Samples.Silo();
        await silo.Create(Samples.Read("{apiVersion: v1, kind: Node, metadata: {name: there}}"));
        await silo.Create(Samples.Read("{apiVersion: v1, kind: Node, metadata: {name: missing}}"));
        var (backup, _) = Backup.Read(BytesOf(silo.Cache));
        await Delete(silo, "missing", "nodes", "");
        await silo.Create(Samples.Read("{apiVersion: v1, kind: Node, metadata: {name: joined}}"));
        await silo.Sequencer.Commit(cache => RestorePlan.For(backup!, cache), Limit);
        Assert.Equal(["joined", "missing", "there"], silo.Cache[KindCatalog.Of<Orchestrator.Objects.CoreV1.Node>()].Current.Objects.Select(node => node.Key.Name));
    }

    private static byte[] BytesOf(ObjectCache cache) => new BackupWriter(cache).Write().SelectMany(part => part).ToArray();

    private static async Task Create(SiloParts silo, string name, string holder) => Assert.True((await silo.Create(
        Samples.Read($"{{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {{name: {name}, namespace: default}}, spec: {{holderIdentity: {holder}}}}}"))).Succeeded);

    private static async Task Update(SiloParts silo, string name, string holder) =>
        await silo.Editor.Edit<Lease>(new ObjectKey(Leases.Resource, "default", name), "", lease => (lease.Spec.HolderIdentity = holder).Length > 0, Limit);

    private static async Task Delete(SiloParts silo, string name, string plural = "leases", string ns = "default")
    {
        var kind = plural == "leases" ? Leases : KindCatalog.Of<Orchestrator.Objects.CoreV1.Node>();
        Assert.True((await silo.Pipeline.Delete(new ObjectKey(kind.Resource, ns, name), kind, new DeleteOptions(), Limit)).Succeeded);
    }

    /// <summary>All objects without their versions.</summary>
    private static List<string> Describe(ObjectCache cache) => [.. cache.Kinds.SelectMany(kind => kind.Current.Objects).Select(obj =>
    {
        var copy = obj.Copy();
        ((ObjectMeta)obj.Kind.MetadataOf(copy)!).ResourceVersion = "";
        return $"{obj.Key} {copy}";
    }).Order(StringComparer.Ordinal)];

    private static List<string> Changes(ObjectCache cache, Revision after)
    {
        var (ring, seen) = (cache[Leases].Changes, new List<string>());
        for (var next = ring.Seek(after)!.Value; next < ring.Written; next++)
        {
            var change = ring.Read(next)!;
            seen.Add($"{change.Operation.ToString().ToUpperInvariant()} {change.Object.Key.Namespace}/{change.Object.Key.Name}");
        }

        return seen;
    }
}
