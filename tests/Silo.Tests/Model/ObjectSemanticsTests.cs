using CsCheck;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoordinationV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Objects.Reading;
using Orchestrator.Silo.Objects.Selectors;
using Orchestrator.Silo.Tests.Objects;

namespace Orchestrator.Silo.Tests.Model;

/// <summary>Random requests, one after the other, on the silo and on the model: the same answers, the same lists, the same watch streams.</summary>
public sealed class ObjectSemanticsTests(ITestOutputHelper output)
{
    private const int Sequences = 400;

    private static readonly Kind Kind = KindCatalog.Of<Lease>();
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Labels = ["", "x", "y"];

    /// <summary>One request: what, on which object, and numbers that choose the rest.</summary>
    internal readonly record struct Step(int Verb, int Name, int Holder, int Label, bool Finalizer, int Version);

    private static readonly Gen<Step> Steps = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 1000])
        .Select((verb, name, holder, label, finalizer, version) => new Step(verb, name, holder, label, finalizer, version));

    [Fact]
    public async Task The_silo_does_what_the_model_does()
    {
        var (requests, refused, events) = (0, 0, 0);
        await Steps.Array[1, 60].HoldsAsync(async steps =>
        {
            using var silo = await Samples.Silo();
            var model = new ReferenceModel(silo.Cache.Revision.Value);
            await using var early = new Watcher(silo, model, "", model.Version);
            foreach (var step in steps)
            {
                var (expected, actual) = (Ask(model, step), await Ask(silo, model, step));
                Assert.Equal(expected(), actual());
                Assert.Equal(model.Version, silo.Cache.Revision.Value);
                if (actual() is ReferenceModel.Conflict or ReferenceModel.NotFound or ReferenceModel.Exists) Interlocked.Increment(ref refused);
            }

            Interlocked.Add(ref requests, steps.Length);
            foreach (var label in Labels) Assert.Equal(model.List(label), List(silo, label));
            Interlocked.Add(ref events, await early.Compare());
            await using var late = new Watcher(silo, model, Labels[steps[0].Label], model.SomeVersion(steps[0].Version));
            Interlocked.Add(ref events, await late.Compare());
        }, iter: Sequences);
        output.WriteLine($"{Sequences} sequences: {requests} requests, {refused} of them refused, {events} watch events, all as in the model");
        Assert.True(refused > requests / 20 && events > requests / 4);
    }

    /// <summary>The model answers at once; the silo's answer is asked for before the model has moved on, by the same versions.</summary>
    private static Func<string> Ask(ReferenceModel model, Step step)
    {
        var (name, holder, label) = (Names[step.Name], $"h{step.Holder}", Labels[step.Label]);
        var version = VersionOf(model, step);
        return Once(() => step.Verb switch
        {
            < 30 => model.Create(name, holder, label, step.Finalizer),
            < 50 => model.Update(name, version, present => present with { Holder = holder, Label = label, Finalizer = present.Finalizer && step.Finalizer }),
            < 65 => model.Update(name, 0, present => present with { Holder = holder }),
            < 75 => model.Update(name, version, present => present with { Label = label }),
            < 80 => model.Update(name, 0, present => present with { Finalizer = false }),
            _ => model.Delete(name, version),
        });
    }

    private static async Task<Func<string>> Ask(SiloParts silo, ReferenceModel model, Step step)
    {
        var (name, holder, label) = (Names[step.Name], $"h{step.Holder}", Labels[step.Label]);
        var version = VersionOf(model, step) is > 0 and var seen ? seen.ToString() : "";
        var present = model.Find(name);
        var result = step.Verb switch
        {
            < 30 => await silo.Pipeline.Create(Kind, Message(name, holder, label, step.Finalizer, ""), RequestOptions.Default, default),
            < 50 => await silo.Pipeline.Update(Kind, Message(name, holder, label, present?.Finalizer == true && step.Finalizer, version), statusOnly: false, RequestOptions.Default, default),
            < 65 => await Patch(silo, name, PatchType.Json, $$"""[{"op": "replace", "path": "/spec/holderIdentity", "value": "{{holder}}"}]"""),
            < 75 => await Patch(silo, name, PatchType.Merge, LabelPatch(label, version)),
            < 80 => await Patch(silo, name, PatchType.Strategic, """{"metadata": {"finalizers": null}}"""),
            _ => await silo.Pipeline.Delete(Key(name), Kind, new DeleteOptions(ResourceVersion: version), default),
        };
        return () => result.Succeeded ? Describe(result.Object) : result.Error.Reason.ToString();
    }

    private static string LabelPatch(string label, string version)
    {
        var value = label.Length > 0 ? $"\"{label}\"" : "null";
        var seen = version.Length > 0 ? $", \"resourceVersion\": \"{version}\"" : "";
        return $"{{\"metadata\": {{\"labels\": {{\"l\": {value}}}{seen}}}}}";
    }

    /// <summary>None, the present one, or any other.</summary>
    private static long VersionOf(ReferenceModel model, Step step) => (step.Version % 3) switch
    {
        0 => 0,
        1 => model.Find(Names[step.Name])?.Version ?? 1,
        _ => model.SomeVersion(step.Version),
    };

    private static Func<string> Once(Func<string> ask)
    {
        string? answer = null;
        return () => answer ??= ask();
    }

    private static Task<ObjectResult> Patch(SiloParts silo, string name, PatchType type, string text)
    {
        var (patch, _) = ObjectPatch.Read(type, System.Text.Encoding.UTF8.GetBytes(text), FieldValidation.Strict);
        return silo.Pipeline.Patch(Key(name), Kind, patch!, statusOnly: false, RequestOptions.Default, default);
    }

    private static Lease Message(string name, string holder, string label, bool finalizer, string version)
    {
        var metadata = new ObjectMeta { Name = name, Namespace = "default", ResourceVersion = version };
        if (label.Length > 0) metadata.Labels["l"] = label;
        if (finalizer) metadata.Finalizers.Add("example.com/held");
        return new Lease { Metadata = metadata, Spec = new LeaseSpec { HolderIdentity = holder } };
    }

    private static ObjectKey Key(string name) => new(Kind.Resource, "default", name);

    private static IEnumerable<string> List(SiloParts silo, string label)
    {
        var (page, _) = silo.Reader.List(Kind, Selection(label), new ListPosition(Limit: 0));
        Assert.Equal(silo.Cache.Revision, page!.Revision);
        return page.Items.Select(Describe);
    }

    private static ObjectSelection Selection(string label)
    {
        Assert.True(ObjectSelection.TryParse(Kind, "default", "", label.Length > 0 ? $"l={label}" : "", "", out var selection, out _));
        return selection;
    }

    private static string Describe(StoredObject obj)
    {
        var metadata = obj.Metadata;
        return new ModelObject(
            metadata.Name, obj.Revision.Value, metadata.Generation, obj.As<Lease>().Spec.HolderIdentity, metadata.Labels.GetValueOrDefault("l", ""),
            metadata.Finalizers.Count > 0, metadata.DeletionTimestamp is not null).ToString();
    }

    /// <summary>A watch on both sides, from the same version, with the same selector.</summary>
    private sealed class Watcher(SiloParts silo, ReferenceModel model, string label, long version) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<WatchedChange> _changes = silo.Reader.Watch(Kind, Selection(label), new Revision(version), default).GetAsyncEnumerator();

        /// <summary>How many events there were, each as the model has it, none more, none less, in order.</summary>
        public async Task<int> Compare()
        {
            var expected = model.EventsAfter(version, label).ToList();
            var seen = new List<string>();
            // Where nothing has happened there is nothing to wait for.
            while (model.Version > version && await _changes.MoveNextAsync())
            {
                var change = _changes.Current;
                if (change.Object is { } obj) seen.Add($"{change.Kind} {Describe(obj)}");
                else if (change.Revision.Value >= model.Version) break;
            }

            Assert.Equal(expected, seen);
            return seen.Count;
        }

        public ValueTask DisposeAsync() => _changes.DisposeAsync();
    }
}
