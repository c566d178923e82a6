using System.Text.Json.Nodes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Schemas;

namespace Orchestrator.Contracts.Tests.Schemas;

public sealed class SchemaTests
{
    [Fact]
    public void Every_reference_leads_somewhere_and_every_kind_and_list_has_its_name()
    {
        var schemas = new ObjectSchemas(version2: true);
        foreach (var kind in KindCatalog.All) schemas.Add(kind);
        var all = schemas.ToJson();
        foreach (var reference in References(all)) Assert.True(all.ContainsKey(reference["#/definitions/".Length..]), reference);
        foreach (var kind in KindCatalog.All)
        {
            var named = all[ObjectSchemas.NameOf(kind)]!["x-kubernetes-group-version-kind"]![0]!;
            Assert.Equal((kind.Resource.Group, kind.Name), ((string)named["group"]!, (string)named["kind"]!));
            Assert.NotEmpty((string)all[ObjectSchemas.NameOf(kind)]!["description"]!);
            Assert.True(all.ContainsKey(ObjectSchemas.NameOf(kind) + "List"));
        }
    }

    [Fact]
    public void Comments_are_found_at_messages_and_fields()
    {
        const string Proto = """
            package orchestrator.x.v1;

            // A thing
            // of two lines.
            message Thing {
              option (meta.v1.kind) = {
                kind: "Thing"
              };
              // Lost: an empty line stands between.

              string plain = 1;
              // Said before.
              repeated string before = 2 [(meta.v1.field) = {list_type: SET}];
              map<string, string> after = 3; // said after
            }

            message Other {
              optional meta.v1.Condition both = 1; // and after
            }
            """;
        Assert.Equal(
            [("orchestrator.x.v1.Thing", "A thing of two lines."), ("orchestrator.x.v1.Thing.before", "Said before."), ("orchestrator.x.v1.Thing.after", "said after"), ("orchestrator.x.v1.Other.both", "and after")],
            ProtoComments.Read(Proto).ToArray());
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
