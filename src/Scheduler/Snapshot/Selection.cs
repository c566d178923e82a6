namespace Orchestrator.Scheduler;

/// <summary>A label selector: every requirement must hold; without any it selects everything. A selector that is absent selects nothing.</summary>
public sealed record Selection(ValueList<LabelRequirement> Requirements)
{
    public static readonly Selection Everything = new([]);

    /// <summary>An absent selector selects nothing: null.</summary>
    public static Selection? From(Objects.MetaV1.LabelSelector? selector) => AffinityReading.Read(selector);

    public bool Selects(ValueList<Label> labels)
    {
        foreach (var requirement in Requirements)
            if (!requirement.Holds(ValueOf(labels, requirement.Key))) return false;
        return true;
    }

    public override string ToString() => Requirements.Count == 0 ? "everything" : string.Join(',', Requirements);

    internal static string? ValueOf(ValueList<Label> labels, string key)
    {
        foreach (var label in labels)
            if (label.Key == key) return label.Value;
        return null;
    }
}
