using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Contracts.Applying;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Tests.Encoding;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Contracts.Tests.Applying;

public sealed class FieldSetTests
{
    private const string Web = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"},"finalizers":["a"]},
         "spec":{"containers":[{"name":"main","image":"web:1","ports":[{"containerPort":80}],"command":["a","b"]}]}}
        """;

    [Fact]
    public void A_document_is_taken_apart_as_its_definition_says()
    {
        const string Expected = """
            {"f:metadata":{"f:finalizers":{"v:\"a\"":{}},"f:labels":{"f:app":{}}},
             "f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:command":{},"f:image":{},"f:name":{},
               "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}
            """;
        var set = FieldSets.Of(Object(Web), KindCatalog.Of<Pod>());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Expected), set.ToJson()), set.ToJson().ToJsonString());
        Assert.Equal(
            [
                ".metadata.finalizers[=\"a\"]", ".metadata.labels.app", ".spec.containers[name=\"main\"]", ".spec.containers[name=\"main\"].command",
                ".spec.containers[name=\"main\"].image", ".spec.containers[name=\"main\"].name", ".spec.containers[name=\"main\"].ports[containerPort=80,protocol=\"TCP\"]",
                ".spec.containers[name=\"main\"].ports[containerPort=80,protocol=\"TCP\"].containerPort",
            ],
            set.Paths());
    }

    [Theory]
    [InlineData("\"image\":\"web:1\"", "\"image\":\"web:2\"", ".spec.containers[name=\"main\"].image", "")]
    [InlineData("\"app\":\"web\"", "\"tier\":\"front\"", ".metadata.labels.tier", ".metadata.labels.app")]
    [InlineData("[\"a\",\"b\"]", "[\"a\"]", ".spec.containers[name=\"main\"].command", "")]
    [InlineData("[\"a\"]", "[\"b\"]", ".metadata.finalizers[=\"b\"]", ".metadata.finalizers[=\"a\"]")]
    [InlineData("{\"containerPort\":80}", "{\"containerPort\":80,\"protocol\":\"TCP\"}", ".spec.containers[name=\"main\"].ports[containerPort=80,protocol=\"TCP\"].protocol", "")]
    [InlineData("\"name\":\"web\"", "\"name\":\"other\"", "", "")]
    public void Two_documents_differ_in_places(string from, string to, string changed, string removed)
    {
        var (more, less) = FieldSets.Compare(Object(Web), Object(Web.Replace(from, to)), KindCatalog.Of<Pod>());
        Assert.Equal((changed, removed), (string.Join(' ', more.Paths()), string.Join(' ', less.Paths())));
    }

    [Fact]
    public void Sets_obey_the_laws_of_sets_and_survive_their_text() => Gen.Select(Gen.Int, Gen.Int).Holds(
        (one, other) =>
        {
            var (a, b) = (Random(one), Random(other));
            var (paths, more) = (a.Paths().ToHashSet(), b.Paths().ToHashSet());
            Assert.Equal(paths.Union(more).Order(StringComparer.Ordinal), a.Union(b).Paths().Order(StringComparer.Ordinal));
            Assert.Equal(paths.Intersect(more).Order(StringComparer.Ordinal), a.Intersect(b).Paths().Order(StringComparer.Ordinal));
            Assert.Equal(paths.Except(more).Order(StringComparer.Ordinal), a.Minus(b).Paths().Order(StringComparer.Ordinal));
            Assert.Equal(a.Paths(), FieldSet.FromJson(JsonNode.Parse(a.ToJson().ToJsonString())).Paths());
            Assert.True(a.Minus(a).IsEmpty);
        }, iter: 100);

    /// <summary>What one applies is then there; and taking all of it out again leaves nothing of it.</summary>
    [Fact]
    public void What_is_merged_in_is_there_and_goes_again() => Gen.Select(Gen.Int, Gen.Int).Holds(
        (one, other) =>
        {
            var (live, applied) = (Object(RandomJson(one)), Object(RandomJson(other)));
            var fields = FieldSets.Of(applied, KindCatalog.Of<Pod>());
            FieldMerge.Apply(live, applied, KindCatalog.Of<Pod>());
            var (missing, _) = FieldSets.Compare(live, applied, KindCatalog.Of<Pod>());
            Assert.True(missing.Intersect(fields).IsEmpty, string.Join(' ', missing.Intersect(fields).Paths()));
            FieldMerge.Remove(live, fields, new FieldSet(), KindCatalog.Of<Pod>());
            var left = FieldSets.Of(live, KindCatalog.Of<Pod>()).Intersect(fields);
            Assert.True(left.IsEmpty, string.Join(' ', left.Paths()));
        }, iter: 100);

    private static FieldSet Random(int seed) => FieldSets.Of(Object(RandomJson(seed)), KindCatalog.Of<Pod>());

    private static string RandomJson(int seed) => ObjectJson.EncodeText(new RandomObjects(seed, valid: true).Make(KindCatalog.Of<Pod>()));

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
