using Google.Protobuf.Collections;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Objects.Selectors;

/// <summary>Whether labels are what a selector within an object asks for, and the selector as the text that clients write.</summary>
internal static class LabelMatch
{
    /// <summary>An absent selector chooses nothing, an empty one everything.</summary>
    public static bool Matches(this Orchestrator.Objects.MetaV1.LabelSelector? selector, MapField<string, string> labels) =>
        selector is not null
        && selector.MatchLabels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && selector.MatchExpressions.All(expression => Holds(expression, labels));

    public static string ToText(this Orchestrator.Objects.MetaV1.LabelSelector selector) =>
        string.Join(',', selector.MatchLabels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}").Concat(selector.MatchExpressions.Select(ToText)));

    private static bool Holds(LabelSelectorRequirement expression, MapField<string, string> labels)
    {
        var present = labels.TryGetValue(expression.Key, out var value);
        return expression.Operator switch
        {
            "In" => present && expression.Values.Contains(value!),
            "NotIn" => !present || !expression.Values.Contains(value!),
            "Exists" => present,
            _ => !present,
        };
    }

    private static string ToText(LabelSelectorRequirement expression) => expression.Operator switch
    {
        "In" => $"{expression.Key} in ({string.Join(',', expression.Values)})",
        "NotIn" => $"{expression.Key} notin ({string.Join(',', expression.Values)})",
        "Exists" => expression.Key,
        _ => $"!{expression.Key}",
    };
}
