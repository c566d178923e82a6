using System.Text.Json.Nodes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Selectors;

namespace Orchestrator.Silo.Objects;

/// <summary>
/// What the <c>scale</c> subresource shows of an object, whatever its kind: how many pods it wants, how many it has, and which are its.
/// </summary>
internal sealed class ScalePart
{
    private readonly ScalePaths _paths;
    private readonly JsonNode? _obj;

    public ScalePart(ScalePaths paths, StoredObject obj) => (_paths, _obj) = (paths, JsonNode.Parse(obj.Json.Span));

    public int Wanted => Number(_paths.Wanted);

    public int Present => Number(_paths.Present);

    /// <summary>A selector is an object, as in a Deployment, or its text, as custom kinds have it.</summary>
    public string Selector => _paths.Selector.Length == 0 ? "" : At(_paths.Selector) switch
    {
        JsonObject selector => ToText(selector),
        JsonValue text when text.TryGetValue(out string? found) => found,
        _ => "",
    };

    /// <summary>The change of the object that makes it want so many.</summary>
    public static JsonObject Change(ScalePaths paths, int wanted)
    {
        JsonNode change = wanted;
        foreach (var step in paths.Wanted.Split('.', StringSplitOptions.RemoveEmptyEntries).Reverse()) change = new JsonObject { [step] = change };
        return (JsonObject)change;
    }

    private int Number(string path) => At(path) is JsonValue number && number.TryGetValue(out int found) ? found : 0;

    private JsonNode? At(string path) => path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(_obj, (node, step) => (node as JsonObject)?[step]);

    private static string ToText(JsonObject json)
    {
        var selector = new Orchestrator.Objects.MetaV1.LabelSelector();
        foreach (var (key, value) in json["matchLabels"] as JsonObject ?? []) selector.MatchLabels[key] = value?.ToString() ?? "";
        foreach (var expression in (json["matchExpressions"] as JsonArray ?? []).OfType<JsonObject>())
            selector.MatchExpressions.Add(new LabelSelectorRequirement
            {
                Key = expression["key"]?.ToString() ?? "",
                Operator = expression["operator"]?.ToString() ?? "",
                Values = { (expression["values"] as JsonArray ?? []).Select(value => value?.ToString() ?? "") },
            });
        return selector.ToText();
    }
}
