using System.Text.Json.Nodes;
using Orchestrator.Contracts.Patching;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Contracts.Tests.Patching;

public sealed class PatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":[1]},{"op":"add","path":"/b/-","value":2},{"op":"add","path":"/b/0","value":0}]""", """{"a":1,"b":[0,1,2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/0"},{"op":"replace","path":"/a/0","value":3}]""", """{"a":[3]}""")]
    [InlineData("""{"a":{"x/y":1,"m~n":2}}""", """[{"op":"move","from":"/a/x~1y","path":"/b"},{"op":"copy","from":"/a/m~0n","path":"/c"}]""", """{"a":{"m~n":2},"b":1,"c":2}""")]
    [InlineData("""{"a":null}""", """[{"op":"test","path":"/a","value":null},{"op":"replace","path":"","value":{"b":1}}]""", """{"b":1}""")]
    public void A_json_patch_does_what_its_operations_say(string target, string patch, string expected) =>
        Same(expected, JsonPatch.Apply(JsonNode.Parse(target)!, JsonNode.Parse(patch)));

    [Theory]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "operation 0: testing path /a failed")]
    [InlineData("""[{"op":"remove","path":"/b"}]""", "operation 0: the path /b doesn't exist")]
    [InlineData("""[{"op":"add","path":"/l/3","value":2}]""", "operation 0: the path /l/3 doesn't exist")]
    [InlineData("""[{"op":"add","path":"/l/01","value":2}]""", "operation 0: the path /l/01 doesn't exist")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/x"}]""", "operation 0: from: a value can't be moved into itself")]
    [InlineData("""[{"op":"add","path":"/c"}]""", "operation 0: value: Required value")]
    [InlineData("""[{"op":"swap","path":"/a"}]""", "operation 0: op: Unsupported value \"swap\"")]
    [InlineData("""[{"op":"remove","path":"a"}]""", "operation 0: path: \"a\" is not a JSON pointer")]
    [InlineData("""{"op":"remove","path":"/a"}""", "a JSON patch is a list of operations")]
    [InlineData("""[7]""", "operation 0: must be an object with op and path")]
    public void A_json_patch_that_does_not_fit_says_why(string patch, string problem) =>
        Assert.Equal(problem, JsonPatch.Apply(JsonNode.Parse("""{"a":1,"l":[1],"o":{}}""")!, JsonNode.Parse(patch)).Problem);

    /// <summary>The examples of RFC 7386, appendix A.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void A_merge_patch_merges(string target, string patch, string expected) =>
        Same(expected, PatchOutcome.Of(MergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch))));

    [Theory]
    [InlineData("""{"containers":[{"name":"b","image":"b:2"}]}""", """{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:2","tty":true}]}""")]
    [InlineData("""{"containers":[{"name":"c","image":"c:1"}]}""", """{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1","tty":true},{"name":"c","image":"c:1"}]}""")]
    [InlineData("""{"containers":[{"name":"a","$patch":"delete"}]}""", """{"containers":[{"name":"b","image":"b:1","tty":true}]}""")]
    [InlineData("""{"containers":[{"name":"a","$patch":"replace","image":"x"}]}""", """{"containers":[{"name":"a","image":"x"},{"name":"b","image":"b:1","tty":true}]}""")]
    [InlineData("""{"containers":[{"$patch":"replace"},{"name":"x","image":"x"}]}""", """{"containers":[{"name":"x","image":"x"}]}""")]
    [InlineData("""{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b","image":"b:1","tty":true},{"name":"a","image":"a:1"}]}""")]
    [InlineData("""{"containers":[{"name":"b","tty":null,"command":["x"]}]}""", """{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1","command":["x"]}]}""")]
    [InlineData("""{"$retainKeys":["hostname"],"hostname":"h"}""", """{"hostname":"h"}""")]
    [InlineData("""{"$patch":"replace","hostname":"h"}""", """{"hostname":"h"}""")]
    [InlineData("""{"tolerations":[{"key":"a"}],"containers":null}""", """{"tolerations":[{"key":"a"}]}""")]
    public void A_strategic_merge_patch_merges_lists_by_their_keys(string patch, string expected)
    {
        const string Target = """{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1","tty":true}]}""";
        Same(expected, StrategicMergePatch.Apply(JsonNode.Parse(Target)!, JsonNode.Parse(patch), PodSpec.Descriptor));
    }

    [Fact]
    public void Sets_unite_and_give_up_what_is_named()
    {
        var united = StrategicMergePatch.Apply(
            JsonNode.Parse("""{"metadata":{"finalizers":["a","b"]}}""")!,
            JsonNode.Parse("""{"metadata":{"finalizers":["c","a"],"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["c","a"]}}"""), Pod.Descriptor);
        Same("""{"metadata":{"finalizers":["c","a"]}}""", united);
    }

    [Theory]
    [InlineData("""{"containers":[{"image":"x"}]}""", "containers: an item of the patch lacks its merge key name")]
    [InlineData("""{"containers":[1]}""", "containers: expected objects with name")]
    [InlineData("""{"$patch":"swap"}""", "$patch: Unsupported value \"swap\": must be merge, replace or delete")]
    [InlineData("[]", "a strategic merge patch is an object")]
    public void A_strategic_merge_patch_that_does_not_fit_says_why(string patch, string problem) =>
        Assert.Equal(problem, StrategicMergePatch.Apply(JsonNode.Parse("{}")!, JsonNode.Parse(patch), PodSpec.Descriptor).Problem);

    private static void Same(string expected, PatchOutcome outcome)
    {
        Assert.Null(outcome.Problem);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), outcome.Document), outcome.Document?.ToJsonString());
    }
}
