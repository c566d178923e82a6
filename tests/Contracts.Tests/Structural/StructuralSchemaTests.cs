using System.Text.Json;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Structural;

namespace Orchestrator.Contracts.Tests.Structural;

/// <summary>What a structural schema makes of an object: what it takes out, fills in and refuses, and where.</summary>
public sealed class StructuralSchemaTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"x\"", "")]
    [InlineData("""{"type":"string"}""", "5", "spec: Invalid value: expected a string, found the number 5")]
    [InlineData("""{"type":"string"}""", "null", "")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "[null]", "spec[0]: Invalid value: expected a string, found nothing (null)")]
    [InlineData("""{"type":"string","nullable":true}""", "null", "")]
    [InlineData("""{"type":"integer"}""", "5.0", "")]
    [InlineData("""{"type":"integer","format":"int32"}""", "3000000000", "spec: Invalid value 3000000000: must be a whole number of 32 bits")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMinimum":true,"multipleOf":0.1}""", "0.3", "")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMinimum":true,"multipleOf":0.2}""", "0", "spec: Invalid value 0: must be more than 0")]
    [InlineData("""{"type":"number","maximum":3,"multipleOf":2}""", "7", "spec: Invalid value 7: must be at most 3|spec: Invalid value 7: must be a multiple of 2")]
    [InlineData("""{"type":"string","pattern":"^a\\d$"}""", "\"a1\\n\"", "spec: Invalid value \"a1\\u000a\": must match '^a\\d$'")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"\uD83D\uDE00\uD83D\uDE00\"", "")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"today\"", "spec: Invalid value \"today\": must be of format date-time")]
    [InlineData("""{"type":"string","format":"ipv4"}""", "\"1.2.3\"", "spec: Invalid value \"1.2.3\": must be of format ipv4")]
    [InlineData("""{"type":"string","format":"nobody-knows"}""", "\"x\"", "")]
    [InlineData("""{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}""", "\"80%\"", "")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "true", "spec: Invalid value: expected a whole number or a string, found the boolean true")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2,"uniqueItems":true}""", "[1,2,2]", "spec: Too many: has 3 items, must have at most 2|spec[2]: Duplicate value 2")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"k":{"type":"string","default":"x"}}},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]}""", """[{},{"k":"x"}]""", "spec[1]: Duplicate value k: \"x\"")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"maxProperties":1}""", """{"a":1,"b":"2"}""", "spec: Too many: has 2 members, must have at most 1|spec[b]: Invalid value: expected a whole number, found the string \"2\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"oneOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":"","b":""}""", "spec: Invalid value: must validate one and only one schema (oneOf), validates 2")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]}],"not":{"properties":{"a":{"enum":["x"]}}}}""", """{"a":"x"}""", "spec: Invalid value: must not validate the schema (not)")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"allOf":[{"properties":{"a":{"maxLength":1}}}]}""", """{"a":"xy"}""", "spec.a: Too long: has 2 characters, must have at most 1")]
    [InlineData("""{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}""", """{"kind":"Pod","metadata":{"name":"x"},"more":1}""", "spec.apiVersion: Required value: the object says what it is")]
    public void A_value_is_checked(string schema, string value, string expected)
    {
        var (kind, text) = (KindOf(schema), "{\"metadata\":{\"name\":\"x\"},\"spec\":" + value + "}");
        var read = ObjectBody.Decode(System.Text.Encoding.UTF8.GetBytes(text), yaml: false, kind, FieldValidation.Strict);
        Assert.Empty(read.Errors);
        Defaults.Apply(kind, read.Message!);
        Assert.Equal(expected, string.Join('|', Validation.Check(kind, read.Message!)));
        using var written = JsonDocument.Parse(ObjectJson.Encode(kind, read.Message!));
        Assert.Equal("example.dev/v1", written.RootElement.GetProperty("apiVersion").GetString());
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"b":1,"a":"x"}""", """{"a":"x"}""", "spec.b")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}""", """[{"a":"x","c":{}}]""", """[{"a":"x"}]""", "spec[0].c")]
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"object","properties":{}}}}""", """{"b":{"c":1},"a":{"d":1}}""", """{"a":{},"b":{"c":1}}""", "spec.a.d")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","default":{"x":1},"properties":{"x":{"type":"integer"},"y":{"type":"integer","default":2}}}}}""", "{}", """{"a":{"x":1,"y":2}}""", "")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":"d"},"b":{"type":"string"},"c":{"type":"string","nullable":true,"default":"d"}}}""", """{"a":null,"b":null,"c":null}""", """{"a":"d","c":null}""", "")]
    public void What_nobody_knows_goes_and_what_is_absent_comes(string schema, string value, string expected, string unknown)
    {
        var (kind, text) = (KindOf(schema), "{\"metadata\":{\"name\":\"x\"},\"spec\":" + value + "}");
        var read = ObjectBody.Decode(System.Text.Encoding.UTF8.GetBytes(text), yaml: false, kind, FieldValidation.Warn);
        Assert.Equal(unknown, string.Join(' ', read.Warnings.Select(warning => warning.Path)));
        Defaults.Apply(kind, read.Message!);
        using var written = JsonDocument.Parse(ObjectJson.Encode(kind, read.Message!));
        Assert.Equal(expected, written.RootElement.GetProperty("spec").GetRawText());
    }

    [Fact]
    public void Versions_are_ordered_as_Kubernetes_orders_them() => Assert.Equal(
        ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "foo1", "v0"],
        new[] { "v0", "v1", "foo1", "v3beta1", "v2", "v12alpha1", "v10beta3", "v11beta2", "v10" }.Order(VersionPriority.Best));

    private static Kind KindOf(string spec) => KindDefinitions.KindsOf(new()
    {
        Metadata = new() { Name = "things.example.dev" },
        Spec = new()
        {
            Group = "example.dev",
            Scope = "Cluster",
            Names = new() { Plural = "things", Kind = "Thing" },
            Versions = { new Orchestrator.Objects.ApiExtensionsV1.CustomResourceDefinitionVersion { Name = "v1", Served = true, Storage = true, Schema = new() { OpenApiV3Schema = Google.Protobuf.ByteString.CopyFromUtf8("{\"type\":\"object\",\"properties\":{\"spec\":" + spec + "}}") } } },
        },
    })[0];
}
