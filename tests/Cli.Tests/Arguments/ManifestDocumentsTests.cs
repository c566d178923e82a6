using System.Text;
using Orchestrator.Cli.Arguments;

namespace Orchestrator.Cli.Tests.Arguments;

public sealed class ManifestDocumentsTests
{
    [Fact]
    public void Documents_keep_their_line_numbers()
    {
        var parts = ManifestDocuments.Split(Text("# head\n---\nkind: A\n---\n# only a comment\n---\nkind: B\nx: |\n  ---\n")).Select(AsText).ToList();
        Assert.Equal(["\n\nkind: A", "\n\n\n\n\n\nkind: B\nx: |\n  ---\n"], parts);
    }

    [Fact]
    public void A_list_names_its_items()
    {
        var list = ManifestDocuments.Identify(Text(
            "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"}}]}"));
        Assert.Equal([new ManifestIdentity("v1", "Pod", "n", "a")], list);
    }

    [Theory]
    [InlineData("kind: Pod\nmetadata: {name: a}", "m.yaml:1: apiVersion, kind and metadata.name are needed")]
    [InlineData("apiVersion: v1\nkind: Pod", "m.yaml:1: apiVersion, kind and metadata.name are needed")]
    [InlineData("a: [", "error parsing m.yaml:")]
    [InlineData("- just\n- a list", "m.yaml:1:")]
    public void What_names_no_object_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<CommandException>(() => ManifestDocuments.Identify(Text(text))).Message, StringComparison.Ordinal);

    private static ManifestText Text(string text) => new("m.yaml", Encoding.UTF8.GetBytes(text));

    private static string AsText(ManifestText part) => Encoding.UTF8.GetString(part.Text);
}
