using System.Text;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>JSON as YAML, in block style as kubectl prints it, with the keys in the order of the JSON.</summary>
public static class ObjectYaml
{
    /// <summary>Ends with a line break. <see cref="Manifests.Read"/> of it gives the same object.</summary>
    /// <exception cref="FormatException">The text is not one JSON value, or nested deeper than 64 levels.</exception>
    public static string FromJson(ReadOnlySpan<byte> json)
    {
        var values = new List<ValueNode>();
        try
        {
            JsonTree.Read(json, values);
        }
        catch (MalformedTextException malformed)
        {
            throw new FormatException($"{malformed.Position.Line}:{malformed.Position.Column}: {malformed.Message}");
        }
        if (values.Count != 1) throw new FormatException($"Expected one JSON value, found {values.Count}.");
        var text = new StringBuilder();
        new YamlWriter(text).WriteDocument(values[0]);
        return text.ToString();
    }
}
