using CsCheck;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Tests.Encoding;

public sealed class RoundTripTests
{
    public static TheoryData<string, string> Kinds => [.. KindCatalog.All.Select(kind => (kind.ApiVersion, kind.Name))];

    [Theory, MemberData(nameof(Kinds))]
    public void Any_object_survives_JSON(string apiVersion, string name)
    {
        var kind = KindCatalog.Find(apiVersion, name)!;
        Gen.Int.Holds(seed =>
        {
            var obj = new RandomObjects(seed, valid: false).Make(kind);
            var (decoded, errors) = ObjectJson.Decode(ObjectJson.Encode(obj), kind, "object");
            Assert.Empty(errors);
            Assert.Equal(obj, decoded);
        }, iter: 20);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Any_object_survives_YAML(string apiVersion, string name)
    {
        var kind = KindCatalog.Find(apiVersion, name)!;
        Gen.Int.Holds(seed =>
        {
            var obj = new RandomObjects(seed, valid: false).Make(kind);
            Defaults.Apply(obj);
            var yaml = ObjectYaml.FromJson(ObjectJson.Encode(obj));
            var result = Manifests.Read(System.Text.Encoding.UTF8.GetBytes(yaml), "object");
            Assert.True(result.Objects.Count == 1, yaml + string.Join('\n', result.Errors));
            Assert.Equal(obj, result.Objects[0].Message);
        }, iter: 20);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_valid_object_is_found_valid_in_both_forms(string apiVersion, string name)
    {
        var kind = KindCatalog.Find(apiVersion, name)!;
        Gen.Int.Holds(seed =>
        {
            var obj = new RandomObjects(seed, valid: true).Make(kind);
            Defaults.Apply(obj);
            Assert.Empty(Validation.Check(obj));
            Assert.Empty(Validation.CheckUpdate(obj, obj));
            var json = ObjectJson.Encode(obj);
            foreach (var text in new[] { json, System.Text.Encoding.UTF8.GetBytes(ObjectYaml.FromJson(json)), System.Text.Encoding.UTF8.GetBytes(ObjectJson.EncodeIndented(obj)) })
            {
                var result = Manifests.Read(text, "object");
                Assert.Empty(result.Errors);
                Assert.Equal(obj, Assert.Single(result.Objects).Message);
            }
        }, iter: 20);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Equal_objects_have_equal_bytes(string apiVersion, string name)
    {
        var kind = KindCatalog.Find(apiVersion, name)!;
        Gen.Int.Holds(seed =>
        {
            var obj = new RandomObjects(seed, valid: true).Make(kind);
            var (decoded, _) = ObjectJson.Decode(ObjectJson.Encode(obj), kind, "object");
            Assert.Equal(ObjectJson.EncodeText(obj), ObjectJson.EncodeText(decoded!));
        }, iter: 10);
    }
}
