using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering.Describing;

/// <summary>Any kind, field by field, with names in words (<c>runtimeClassName</c> is <c>Runtime Class Name</c>).</summary>
internal static class GenericDescription
{
    private static readonly string[] Known = ["apiVersion", "kind", "metadata"];
    private static readonly string[] KnownMetadata = ["name", "namespace", "labels", "annotations", "managedFields"];

    public static void Write(Description text, JsonNode one)
    {
        text.Field(0, "Name", one.Text("metadata", "name"));
        text.Field(0, "Namespace", one.Text("metadata", "namespace"));
        ObjectHead.Labels(text, one);
        text.Field(0, "API Version", one.Text("apiVersion"));
        text.Field(0, "Kind", one.Text("kind"));
        text.Heading(0, "Metadata");
        if (one.At("metadata") is JsonObject metadata) Fields(text, 1, metadata.Where(field => !KnownMetadata.Contains(field.Key)));
        if (one is JsonObject whole) Fields(text, 0, whole.Where(field => !Known.Contains(field.Key)));
    }

    private static void Fields(Description text, int level, IEnumerable<KeyValuePair<string, JsonNode?>> fields)
    {
        foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            switch (value)
            {
                case JsonObject map:
                    text.Heading(level, Words(name));
                    Fields(text, level + 1, map);
                    break;
                case JsonArray list when list.Any(item => item is JsonObject or JsonArray):
                    text.Heading(level, Words(name));
                    foreach (var item in list.OfType<JsonObject>()) Fields(text, level + 1, item);
                    break;
                case JsonArray list:
                    text.Lines(level, Words(name), list.Select(item => item.Text()));
                    break;
                default:
                    text.Field(level, Words(name), value.Text());
                    break;
            }
        }
    }

    /// <summary>A key with anything but letters and digits (a label's, a path's) stays as it is.</summary>
    private static string Words(string name)
    {
        if (name.Any(c => !char.IsAsciiLetterOrDigit(c)) || name.Length == 0) return name;
        var words = new StringBuilder().Append(char.ToUpperInvariant(name[0]));
        for (var i = 1; i < name.Length; i++)
        {
            if (char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterLower(name[i - 1])) words.Append(' ');
            words.Append(name[i]);
        }
        return words.ToString();
    }
}
