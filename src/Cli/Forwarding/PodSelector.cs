using System.Text.Json.Nodes;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Forwarding;

/// <summary>Which pods an object means, in the words of a label selector: a service's map, or the matchLabels and matchExpressions of others.</summary>
internal static class PodSelector
{
    /// <returns>Empty if it selects none.</returns>
    public static string Of(JsonNode? one)
    {
        var selector = one.At("spec", "selector");
        if (selector.At("matchLabels") is null && selector.At("matchExpressions") is null) return Equalities(selector.Entries());
        return string.Join(',', new[] { Equalities(selector.Entries("matchLabels")) }.Where(text => text.Length > 0)
            .Concat(selector.Items("matchExpressions").Select(Expression)));
    }

    private static string Equalities(IEnumerable<(string Key, string Value)> labels) => string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"));

    private static string Expression(JsonNode expression)
    {
        var (key, values) = (expression.Text("key"), string.Join(',', expression.Items("values").Select(value => value.Text())));
        return expression.Text("operator") switch
        {
            "In" => $"{key} in ({values})",
            "NotIn" => $"{key} notin ({values})",
            "Exists" => key,
            _ => $"!{key}",
        };
    }
}
