using System.Text.Json.Nodes;
using Orchestrator.Silo.Tests.Rest;

namespace Orchestrator.Silo.Tests.CustomKinds;

/// <summary>What the REST door makes of kinds that users have brought along.</summary>
public sealed class CustomKindRestTests(RestSilo silo) : IClassFixture<RestSilo>
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Merge = "application/merge-patch+json";

    [Fact(Timeout = 60_000)]
    public async Task An_object_is_defaulted_checked_whole_and_stripped_of_what_nobody_knows()
    {
        var objects = await Define("widgets", """
            {"type":"object","required":["spec"],"properties":{"spec":{"type":"object","required":["size"],"properties":{
              "size":{"type":"integer","minimum":1,"maximum":9},"color":{"type":"string","enum":["red","blue"],"default":"red"},
              "name":{"type":"string","pattern":"^[a-z]+$","maxLength":5},"port":{"x-kubernetes-int-or-string":true},
              "tags":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
              "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
              "inner":{"type":"object","default":{},"properties":{"depth":{"type":"integer","default":3}}}}}}}
            """);
        var made = await silo.Post(objects, """{"metadata":{"name":"a"},"spec":{"size":2,"port":"http","free":{"any":{"thing":[1,"x"]}},"tags":["x"],"typo":1}}""");
        Assert.Equal("""{"color":"red","free":{"any":{"thing":[1,"x"]}},"inner":{"depth":3},"port":"http","size":2,"tags":["x"]}""", made["spec"]!.ToJsonString());
        Assert.Equal(("example.dev/v1", "Widget", 1), (Text(made["apiVersion"]), Text(made["kind"]), (int)made["metadata"]!["generation"]!));

        var unknown = await silo.Post(objects + "?fieldValidation=Strict", """{"metadata":{"name":"b"},"spec":{"size":2,"colour":"red"}}""", 400);
        Assert.Contains("spec.colour: unknown field 'colour'; did you mean 'color'?", Text(unknown["message"]));
        var refused = await silo.Post(objects, """{"metadata":{"name":"b"},"spec":{"size":"big","color":"green","name":"Toolong","port":1.5,"tags":["x","x"],"inner":{"depth":{}}}}""", 422);
        Assert.Equal(
            ["spec.color FieldValueNotSupported", "spec.inner.depth FieldValueTypeInvalid", "spec.name FieldValueInvalid", "spec.name FieldValueTooLong", "spec.port FieldValueTypeInvalid", "spec.size FieldValueTypeInvalid", "spec.tags[1] FieldValueDuplicate"],
            Causes(refused));
        Assert.Equal(["spec.size FieldValueRequired"], Causes(await silo.Post(objects, """{"metadata":{"name":"b"},"spec":{}}""", 422)));
        Assert.Equal(["spec FieldValueRequired"], Causes(await silo.Post(objects, """{"metadata":{"name":"b"}}""", 422)));
    }

    [Fact(Timeout = 60_000)]
    public async Task Status_and_scale_are_parts_of_their_own_and_the_generation_moves_with_the_rest()
    {
        var objects = await Define("scalers", """
            {"type":"object","properties":{"spec":{"type":"object","properties":{"replicas":{"type":"integer"}}},
             "status":{"type":"object","properties":{"ready":{"type":"integer"},"selector":{"type":"string"}}}}}
            """, more: """
            ,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.ready","labelSelectorPath":".status.selector"}}
            """);
        var made = await silo.Post(objects, """{"metadata":{"name":"a"},"spec":{"replicas":2},"status":{"ready":9}}""");
        Assert.Null(made["status"]);
        Assert.Equal(2, (int)(await silo.Patch(objects + "/a", Merge, """{"spec":{"replicas":3},"status":{"ready":9}}"""))["metadata"]!["generation"]!);
        var status = await silo.Patch(objects + "/a/status", Merge, """{"spec":{"replicas":99},"status":{"ready":1,"selector":"app=web"}}""");
        Assert.Equal((3, 1, 2), ((int)status["spec"]!["replicas"]!, (int)status["status"]!["ready"]!, (int)status["metadata"]!["generation"]!));
        Assert.Equal(["status.ready FieldValueTypeInvalid"], Causes(await silo.Patch(objects + "/a/status", Merge, """{"status":{"ready":"all"}}""", 422)));

        var scale = await silo.Get(objects + "/a/scale");
        Assert.Equal((3, 1, "app=web"), ((int)scale["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!, Text(scale["status"]!["selector"])));
        scale["spec"]!["replicas"] = 7;
        await silo.Put(objects + "/a/scale", scale.ToJsonString());
        Assert.Equal(7, (int)(await silo.Get(objects + "/a"))["spec"]!["replicas"]!);
    }

    [Fact(Timeout = 60_000)]
    public async Task Versions_are_the_same_objects_and_a_deprecated_one_says_so()
    {
        const string Schema = """{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string"}}}}}}""";
        var newer = Schema.Replace("\"a\":{", "\"b\":{\"type\":\"string\",\"default\":\"new\"},\"a\":{");
        await silo.Post(Definitions, $$$"""
            {"metadata":{"name":"gears.example.dev"},"spec":{"group":"example.dev","scope":"Cluster","names":{"plural":"gears","kind":"Gear"},"versions":[
             {"name":"v1beta1","served":true,"storage":true,"deprecated":true,"schema":{{{Schema}}}},{"name":"v1","served":true,"storage":false,"schema":{{{newer}}}}]}}
            """);
        using var response = await silo.Http.PostAsync("/apis/example.dev/v1beta1/gears", new StringContent("""{"metadata":{"name":"g"},"spec":{"a":"1"}}""", null, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal("299 - \"example.dev/v1beta1 Gear is deprecated\"", Assert.Single(response.Headers.GetValues("Warning")));
        var read = await silo.Get("/apis/example.dev/v1/gears/g");
        Assert.Equal(("example.dev/v1", """{"a":"1","b":"new"}"""), (Text(read["apiVersion"]), read["spec"]!.ToJsonString()));
        var list = await silo.Get("/apis/example.dev/v1/gears");
        Assert.Equal(("GearList", "example.dev/v1", "example.dev/v1"), (Text(list["kind"]), Text(list["apiVersion"]), Text(list["items"]![0]!["apiVersion"])));
        Assert.Equal("example.dev/v1beta1", Text((await silo.Get("/apis/example.dev/v1beta1/gears"))["items"]![0]!["apiVersion"]));
        Assert.Equal("v1", Text((await silo.Get("/apis/example.dev"))["preferredVersion"]!["version"]));
        Assert.Equal("""{"a":"1"}""", (await silo.Patch("/apis/example.dev/v1beta1/gears/g", Merge, """{"metadata":{"labels":{"x":"y"}}}"""))["spec"]!.ToJsonString());

        // Stored in the other version from now on; the first one isn't served any more, and must stay as long as objects may be in it.
        await silo.Patch($"{Definitions}/gears.example.dev", "application/json-patch+json", """
            [{"op":"replace","path":"/spec/versions/0/storage","value":false},{"op":"replace","path":"/spec/versions/0/served","value":false},{"op":"replace","path":"/spec/versions/1/storage","value":true}]
            """);
        await silo.Get("/apis/example.dev/v1beta1/gears", 404);
        Assert.Equal("1", Text((await silo.Get("/apis/example.dev/v1/gears/g"))["spec"]!["a"]));
        Assert.Equal(["status.storedVersions[0] FieldValueInvalid"], Causes(await silo.Patch($"{Definitions}/gears.example.dev", "application/json-patch+json", """[{"op":"remove","path":"/spec/versions/0"}]""", 422)));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("""{"type":"object","properties":{"spec":{}}}""", "spec.versions[0].schema.openAPIV3Schema.properties[spec].type FieldValueRequired")]
    [InlineData("""{"properties":{}}""", "spec.versions[0].schema.openAPIV3Schema.type FieldValueRequired")]
    [InlineData("""{"type":"object","anyOf":[{"properties":{"a":{"pattern":"x"}}}]}""", "spec.versions[0].schema.openAPIV3Schema.anyOf[0].properties[a] FieldValueRequired")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","$ref":"#/x"}}}""", "spec.versions[0].schema.openAPIV3Schema.properties[a].$ref FieldValueForbidden")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":5}}}""", "spec.versions[0].schema.openAPIV3Schema.properties[a].default FieldValueTypeInvalid")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array"}}}""", "spec.versions[0].schema.openAPIV3Schema.properties[a].items FieldValueRequired")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)"}}}""", "spec.versions[0].schema.openAPIV3Schema.properties[a].pattern FieldValueInvalid")]
    public async Task A_schema_that_is_not_structural_is_refused(string schema, string cause)
    {
        var refused = await silo.Post(Definitions, Definition("bads", schema), 422);
        Assert.Equal([cause], Causes(refused));
    }

    [Fact(Timeout = 60_000)]
    public async Task Rules_that_nobody_enforces_are_kept_and_said()
    {
        var schema = """{"type":"object","properties":{"a":{"type":"string","readOnly":true}},"x-kubernetes-validations":[{"rule":"self.a != ''"}]}""";
        using var response = await silo.Http.PostAsync(Definitions, new StringContent(Definition("rules", schema), null, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(
            ["299 - \"spec.versions[0].schema.openAPIV3Schema.properties[a].readOnly: unknown field 'readOnly'\"", "299 - \"spec.versions[0].schema.openAPIV3Schema.x-kubernetes-validations: the rules (CEL) are kept but not enforced by this server\""],
            response.Headers.GetValues("Warning").Order(StringComparer.Ordinal));
        Assert.Equal("self.a != ''", Text((await silo.Get($"{Definitions}/rules.example.dev"))["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["x-kubernetes-validations"]![0]!["rule"]));
    }

    [Fact(Timeout = 60_000)]
    public async Task Whoever_comes_first_has_the_name_and_the_next_one_gets_it_when_he_goes()
    {
        await Define("firsts", """{"type":"object"}""", kind: "Contested");
        var second = await silo.Post(Definitions, Definition("seconds", """{"type":"object"}""", kind: "Contested"));
        Assert.Equal("False SingularConflict, False NotAccepted", Conditions(second));
        await silo.Get("/apis/example.dev/v1/seconds", 404);
        await silo.Delete($"{Definitions}/firsts.example.dev");
        using var watch = await WatchStream.Open(silo, $"{Definitions}?watch=true&fieldSelector=metadata.name=seconds.example.dev");
        var seen = await watch.Until("", obj => Conditions(obj).StartsWith("True", StringComparison.Ordinal));
        Assert.Equal("True NoConflicts, True InitialNamesAccepted", Conditions(seen));
        await silo.Get("/apis/example.dev/v1/seconds");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_definition_goes_after_its_objects_and_after_what_they_own()
    {
        var ns = await silo.Namespace();
        var objects = await Define("owners", """{"type":"object"}""", scope: "Namespaced", ns: ns);
        var held = await silo.Post(objects, """{"metadata":{"name":"held","finalizers":["example.dev/hold"]}}""");
        await silo.Post($"/api/v1/namespaces/{ns}/configmaps", $$$"""
            {"metadata":{"name":"owned","ownerReferences":[{"apiVersion":"example.dev/v1","kind":"Owner","name":"held","uid":"{{{held["metadata"]!["uid"]}}}"}]}}
            """);
        var going = await silo.Delete($"{Definitions}/owners.example.dev");
        Assert.NotNull(going["metadata"]!["deletionTimestamp"]);
        Assert.Contains("terminating", Text((await silo.Post(objects, """{"metadata":{"name":"late"}}""", 405))["message"]));
        Assert.Contains("customresourcecleanup", (await silo.Patch($"{Definitions}/owners.example.dev", Merge, """{"metadata":{"finalizers":null}}""")).ToJsonString());

        // The watch ends with the kind, and the definition with the object.
        using var watch = await WatchStream.Open(silo, $"{objects}?watch=true");
        using var definitions = await WatchStream.Open(silo, $"{Definitions}?watch=true&fieldSelector=metadata.name=owners.example.dev");
        using var owned = await WatchStream.Open(silo, $"/api/v1/namespaces/{ns}/configmaps?watch=true");
        await watch.Until("", obj => obj["metadata"]!["deletionTimestamp"] is not null);
        await silo.Patch(objects + "/held", Merge, """{"metadata":{"finalizers":null}}""");
        await watch.Until("DELETED", _ => true);
        Assert.Null(await watch.Next());
        await definitions.Until("DELETED", _ => true);
        await owned.Until("DELETED", _ => true);
        await silo.Get(objects, 404);
        Assert.DoesNotContain("\"owners\"", (await silo.Get("/openapi/v2")).ToJsonString());
        Assert.Empty((await silo.Get(await Define("owners", """{"type":"object"}""", scope: "Namespaced", ns: ns)))["items"]!.AsArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_new_schema_holds_for_what_is_there_already()
    {
        var objects = await Define("changes", """{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}}""");
        await silo.Post(objects, """{"metadata":{"name":"c"},"spec":{"a":"1","b":"2"}}""");
        await silo.Patch($"{Definitions}/changes.example.dev", "application/json-patch+json", """
            [{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties","value":{"a":{"type":"string"},"c":{"type":"integer","default":7}}}]
            """);
        Assert.Equal("""{"a":"1","c":7}""", (await silo.Get(objects + "/c"))["spec"]!.ToJsonString());
        await silo.Patch(objects + "/c", "application/strategic-merge-patch+json", "{}", 415);
        Assert.Contains("immutable", "immutable " + Text((await silo.Patch($"{Definitions}/changes.example.dev", Merge, """{"spec":{"scope":"Namespaced"}}""", 422))["message"]));
    }

    private async Task<string> Define(string plural, string schema, string kind = "", string scope = "Cluster", string ns = "", string more = "")
    {
        var made = await silo.Post(Definitions, Definition(plural, schema, kind, scope, more));
        Assert.Equal("True NoConflicts, True InitialNamesAccepted", Conditions(made));
        return $"/apis/example.dev/v1/{(ns.Length > 0 ? $"namespaces/{ns}/" : "")}{plural}";
    }

    private static string Definition(string plural, string schema, string kind = "", string scope = "Cluster", string more = "")
    {
        if (kind.Length == 0) kind = char.ToUpperInvariant(plural[0]) + plural[1..^1];
        return $$$"""
            {"metadata":{"name":"{{{plural}}}.example.dev"},"spec":{"group":"example.dev","scope":"{{{scope}}}","names":{"plural":"{{{plural}}}","kind":"{{{kind}}}"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{schema}}}}{{{more}}}}]}}
            """;
    }

    private static string Conditions(JsonNode definition) => string.Join(", ", definition["status"]!["conditions"]!.AsArray().Select(one => $"{one!["status"]} {one["reason"]}"));

    private static string[] Causes(JsonNode refusal) => [.. refusal["details"]!["causes"]!.AsArray().Select(cause => $"{cause!["field"]} {cause["reason"]}").Order(StringComparer.Ordinal)];

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
