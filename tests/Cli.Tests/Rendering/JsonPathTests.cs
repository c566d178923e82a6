using System.Text.Json.Nodes;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Tests.Rendering;

public sealed class JsonPathTests
{
    private static readonly JsonNode Pod = JsonNode.Parse("""
        {"metadata":{"name":"web","labels":{"app.io/name":"w"}},
         "spec":{"containers":[{"name":"a","ports":[1,2]},{"name":"b"}]},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"},{"type":"Init","status":"False"}]}}
        """)!;

    [Theory]
    [InlineData("{.status.phase}", "Running")]
    [InlineData("{$.status.phase}", "Running")]
    [InlineData("{status.phase}", "Running")]
    [InlineData("{.metadata.labels['app.io/name']}", "w")]
    [InlineData("{.metadata.labels.app\\.io/name}", "w")]
    [InlineData("{.spec.containers[*].name}", "a b")]
    [InlineData("{.spec.containers[0].name}-{.spec.containers[-1].name}", "a-b")]
    [InlineData("{.spec.containers[0].ports}", "[1,2]")]
    [InlineData("{.status.conditions[?(@.type==\"Ready\")].status}", "True")]
    [InlineData("{.status.conditions[?(@.type!='Ready')].type}", "Init")]
    [InlineData("{range .spec.containers[*]}{.name}{\"\\n\"}{end}", "a\nb\n")]
    [InlineData("{.nothing.here}", "")]
    [InlineData("{.spec.containers[9].name}", "")]
    [InlineData("name: {.metadata.name}!", "name: web!")]
    public void Paths_select(string template, string expected) => Assert.Equal(expected, JsonPathTemplate.Parse(template).Evaluate(Pod));

    [Theory]
    [InlineData("{.a")]
    [InlineData("{.a[}")]
    [InlineData("{.a[b]}")]
    [InlineData("{..a}")]
    [InlineData("{end}")]
    [InlineData("{range .a}x")]
    public void Malformed_templates_are_refused(string template) => Assert.Throws<CommandException>(() => JsonPathTemplate.Parse(template));
}
