using System.Globalization;

namespace Orchestrator.Scheduler;

/// <summary>How a requirement compares a label's value with its own values.</summary>
public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,

    /// <summary>Only for hosts: both are whole numbers, and the label's is the larger.</summary>
    Gt,

    /// <summary>Only for hosts: both are whole numbers, and the label's is the smaller.</summary>
    Lt,
}

/// <summary>One condition on the value of one label. As in Kubernetes, NotIn and DoesNotExist also hold where there is no such label.</summary>
public readonly record struct LabelRequirement(string Key, LabelOperator Operator, ValueList<string> Values)
{
    /// <summary>True if the requirement speaks of labels that are not there.</summary>
    public bool Negated => Operator is LabelOperator.NotIn or LabelOperator.DoesNotExist;

    /// <param name="value">The label's value; null if there is no such label.</param>
    public bool Holds(string? value) => value is null ? Negated : Operator switch
    {
        LabelOperator.In => Lists(value),
        LabelOperator.NotIn => !Lists(value),
        LabelOperator.Exists => true,
        LabelOperator.DoesNotExist => false,
        _ => Compares(value),
    };

    public override string ToString() => Operator switch
    {
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => $"!{Key}",
        LabelOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Gt => $"{Key} > {string.Join(',', Values)}",
        _ => $"{Key} < {string.Join(',', Values)}",
    };

    private bool Lists(string value)
    {
        foreach (var one in Values)
            if (one == value) return true;
        return false;
    }

    private bool Compares(string value)
    {
        if (Values.Count != 1 || !Number(value, out var own) || !Number(Values[0], out var bound)) return false;
        return Operator == LabelOperator.Gt ? own > bound : own < bound;
    }

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
