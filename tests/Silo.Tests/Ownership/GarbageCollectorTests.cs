using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Selectors;
using Orchestrator.Silo.Ownership;
using Orchestrator.Silo.Tests.Objects;
using LabelSelector = Orchestrator.Silo.Objects.Selectors.LabelSelector;

namespace Orchestrator.Silo.Tests.Ownership;

public sealed class GarbageCollectorTests : IAsyncLifetime
{
    private static readonly Kind Images = KindCatalog.Of<MachineImage>();

    private SiloParts _silo = null!;
    private GarbageCollector _collector = null!;

    public async ValueTask InitializeAsync()
    {
        _silo = await Samples.Silo();
        _collector = new GarbageCollector(_silo.Cache, _silo.Pipeline, _silo.Time, NullLogger<GarbageCollector>.Instance);
        await _collector.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _collector.StopAsync(default);
        _collector.Dispose();
        _silo.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task In_the_background_the_owner_goes_at_once_and_what_it_owns_follows_down_to_the_last()
    {
        var top = await Create("top");
        var middle = await Create("middle", top);
        await Create("bottom", middle);
        Assert.Equal(ObjectOutcome.Deleted, await Delete(top, Propagation.Background));
        await Until("bottom", obj => obj is null);
        Assert.Null(Find("middle"));
    }

    [Fact(Timeout = 30_000)]
    public async Task In_the_foreground_the_owner_goes_last()
    {
        var top = await Create("top");
        var middle = await Create("middle", top);
        await Create("bottom", middle);
        var held = await Create("held", middle);
        await Hold(held);
        Assert.Equal(ObjectOutcome.Terminating, await Delete(top, Propagation.Foreground));
        await Until("held", obj => obj is { Terminating: true });
        await Until("bottom", obj => obj is null);
        Assert.Equal([Finalizers.Foreground], Find("top")!.Metadata.Finalizers);
        Assert.True(Find("middle")!.Terminating);
        await _silo.Pipeline.ReleaseFinalizer(held, "example.com/hold", default);
        await Until("top", obj => obj is null);
        Assert.Null(Find("middle"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Orphans_stay_without_their_owner()
    {
        var top = await Create("top");
        await Create("child", top);
        await Delete(top, Propagation.Orphan);
        await Until("top", obj => obj is null);
        Assert.Empty(Find("child")!.Metadata.OwnerReferences);
    }

    [Fact(Timeout = 30_000)]
    public async Task Who_has_another_owner_loses_only_the_reference()
    {
        var (one, other) = (await Create("one"), await Create("other"));
        await Create("child", one, other);
        await Delete(one, Propagation.Background);
        await Until("child", obj => obj!.Metadata.OwnerReferences.Count == 1);
        Assert.Equal(other.Uid, Find("child")!.Metadata.OwnerReferences[0].Uid);
        await Delete(other, Propagation.Foreground);
        await Until("child", obj => obj is null);
        await Until("other", obj => obj is null);
    }

    [Fact(Timeout = 30_000)]
    public async Task Who_names_an_owner_that_is_not_there_goes_and_one_of_an_unknown_kind_stays()
    {
        var top = await Create("top");
        await Delete(top, Propagation.Background);
        await Create("late", top);
        await Until("late", obj => obj is null);
        var odd = Image("odd");
        odd.Metadata.OwnerReferences.Add(new OwnerReference { ApiVersion = "example.com/v1", Kind = "Thing", Name = "x", Uid = "y" });
        await Create(odd);
        await Create("late-too", top);
        await Until("late-too", obj => obj is null);
        Assert.NotNull(Find("odd"));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_circle_of_owners_goes_too()
    {
        var one = await Create("one");
        var other = await Create("other", one);
        var edited = one.Copy<MachineImage>();
        edited.Metadata.OwnerReferences.Add(Reference(other));
        Assert.True((await _silo.Pipeline.Update(Images, edited, statusOnly: false, RequestOptions.Default, default)).Succeeded);
        await Delete(one, Propagation.Foreground);
        await Until("one", obj => obj is null);
        await Until("other", obj => obj is null);
    }

    [Fact]
    public async Task What_indexes_read_from_bytes_is_what_the_object_says()
    {
        var top = await Create("top");
        var child = await Create("child", top, await Create("second"));
        var scan = MetadataScan.Read(child.Bytes);
        Assert.Equal(child.Metadata.OwnerReferences.Select(owner => owner.Uid), scan.Owners);
        Assert.False(scan.Terminating);
        Assert.True(MetadataScan.Read(new MachineImage { Metadata = new ObjectMeta { DeletionTimestamp = new() { Seconds = 1 } } }.ToByteArray()).Terminating);
    }

    private static MachineImage Image(string name) =>
        new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Spec = new MachineImageSpec { Image = "web:1" } };

    private static OwnerReference Reference(StoredObject owner) =>
        new() { ApiVersion = owner.Kind.ApiVersion, Kind = owner.Kind.Name, Name = owner.Key.Name, Uid = owner.Uid, BlockOwnerDeletion = true };

    private Task<StoredObject> Create(string name, params StoredObject[] owners)
    {
        var image = Image(name);
        image.Metadata.OwnerReferences.Add(owners.Select(Reference));
        return Create(image);
    }

    private async Task<StoredObject> Create(MachineImage image)
    {
        Defaults.Apply(image);
        return (await _silo.Pipeline.Create(Images, image, RequestOptions.Default, default)).Object!;
    }

    private async Task Hold(StoredObject obj) => await _silo.Editor.Edit<MachineImage>(obj.Key, obj.Uid, image =>
    {
        image.Metadata.Finalizers.Add("example.com/hold");
        return true;
    });

    private async Task<ObjectOutcome> Delete(StoredObject obj, Propagation policy) =>
        (await _silo.Pipeline.Delete(obj.Key, Images, new DeleteOptions(Propagation: policy), default)).Outcome;

    private StoredObject? Find(string name) => _silo.Cache.Find(new ObjectKey(Images.Resource, "default", name));

    private async Task Until(string name, Func<StoredObject?, bool> reached)
    {
        var selection = new ObjectSelection("default", name, LabelSelector.Everything, FieldSelector.Everything);
        await foreach (var _ in _silo.Reader.Watch(Images, selection, null, TestContext.Current.CancellationToken))
            if (reached(Find(name))) return;
    }
}
