using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Cli.Arguments;

/// <summary>The object that one document of a manifest names.</summary>
internal sealed record ManifestIdentity(string ApiVersion, string Kind, string Namespace, string Name);

/// <summary>The little that the client itself reads of manifests: where documents end, and what each one is about.</summary>
internal static class ManifestDocuments
{
    /// <summary>
    /// Splits at document markers. Each part keeps the lines before it as blank ones, so that the server's errors
    /// name the line of the whole text. Parts of blanks and comments are left out.
    /// </summary>
    public static IEnumerable<ManifestText> Split(ManifestText manifest)
    {
        var lines = Encoding.UTF8.GetString(manifest.Text).Split('\n');
        var start = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i < lines.Length && !IsMarker(lines[i])) continue;
            if (lines[start..i].Any(HasContent))
                yield return manifest with { Text = Encoding.UTF8.GetBytes(new string('\n', start) + string.Join('\n', lines[start..i])) };
            start = i + 1;
        }
    }

    /// <summary>What the documents of a text name, a List's items included.</summary>
    /// <exception cref="CommandException">The text is no YAML, or a document names no object.</exception>
    public static IReadOnlyList<ManifestIdentity> Identify(ManifestText manifest)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(Encoding.UTF8.GetString(manifest.Text)));
        }
        catch (YamlException exception)
        {
            throw new CommandException($"error parsing {manifest.Source}:{exception.Start.Line}: {exception.Message}", exception);
        }
        return yaml.Documents.SelectMany(document => Identify(document.RootNode, manifest.Source)).ToList();
    }

    private static IEnumerable<ManifestIdentity> Identify(YamlNode node, string source)
    {
        if (node is YamlScalarNode { Value: null or "" }) return [];
        var kind = Text(node, "kind");
        if (kind?.EndsWith("List", StringComparison.Ordinal) == true && Child(node, "items") is YamlSequenceNode items)
            return items.SelectMany(item => Identify(item, source));
        var metadata = Child(node, "metadata");
        return Text(node, "apiVersion") is { Length: > 0 } version && kind is { Length: > 0 } && Text(metadata, "name") is { Length: > 0 } name
            ? [new ManifestIdentity(version, kind, Text(metadata, "namespace") ?? "", name)]
            : throw new CommandException($"{source}:{node.Start.Line}: apiVersion, kind and metadata.name are needed");
    }

    private static bool IsMarker(string line) => line.StartsWith("---", StringComparison.Ordinal) && line.AsSpan(3).Trim().IsEmpty;

    private static bool HasContent(string line) => line.AsSpan().Trim() is { IsEmpty: false } text && text[0] != '#';

    private static YamlNode? Child(YamlNode? node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static string? Text(YamlNode? node, string key) => (Child(node, key) as YamlScalarNode)?.Value;
}
