using Google.Protobuf.Collections;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Scheduler;

/// <summary>Affinity and spreading out of validated objects.</summary>
internal static class AffinityReading
{
    private const string Honor = "Honor";
    private const string Ignore = "Ignore";

    public static Selection? Read(LabelSelector? selector)
    {
        if (selector is null) return null;
        var equal = selector.MatchLabels.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value]));
        var others = selector.MatchExpressions.Select(one => new LabelRequirement(one.Key, OperatorOf(one.Operator), one.Values.ToValueList()));
        return new Selection(equal.Concat(others).ToValueList());
    }

    public static RequiredHosts? ReadRequired(NodeAffinity? affinity) =>
        affinity?.RequiredDuringSchedulingIgnoredDuringExecution is { } required
            ? new RequiredHosts(required.NodeSelectorTerms.Select(Read).ToValueList())
            : null;

    public static ValueList<PreferredHosts> ReadPreferred(NodeAffinity? affinity) =>
        (affinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(one => new PreferredHosts(one.Weight, Read(one.Preference))).ToValueList();

    /// <summary>A workload's constraints; <paramref name="labels"/> are its own.</summary>
    public static ValueList<SpreadConstraint> Read(IEnumerable<TopologySpreadConstraint> constraints, ValueList<Label> labels) =>
        constraints.Select(one => new SpreadConstraint(
            one.TopologyKey, one.MaxSkew, one.WhenUnsatisfiable == "DoNotSchedule", WithKeys(Read(one.LabelSelector), labels, one.MatchLabelKeys, []),
            one.HasMinDomains ? one.MinDomains : 1, one.NodeAffinityPolicy != Ignore, one.NodeTaintsPolicy == Honor)).ToValueList();

    public static ValueList<WorkloadTerm> Read(IEnumerable<PodAffinityTerm>? terms, ValueList<Label> labels, string ownNamespace) =>
        (terms ?? []).Select(term => Read(term, labels, ownNamespace)).ToValueList();

    /// <summary>Preferred terms; those of anti-affinity weigh below zero.</summary>
    public static IEnumerable<WeightedTerm> Read(
        RepeatedField<WeightedPodAffinityTerm>? terms, ValueList<Label> labels, string ownNamespace, int sign) =>
        (terms ?? []).Select(one => new WeightedTerm(sign * one.Weight, Read(one.PodAffinityTerm, labels, ownNamespace)));

    private static WorkloadTerm Read(PodAffinityTerm term, ValueList<Label> labels, string ownNamespace)
    {
        var own = term.Namespaces.Count == 0 && term.NamespaceSelector is null;
        return new WorkloadTerm(
            term.TopologyKey, WithKeys(Read(term.LabelSelector), labels, term.MatchLabelKeys, term.MismatchLabelKeys),
            own ? [ownNamespace] : term.Namespaces.Order(StringComparer.Ordinal).ToValueList(), Read(term.NamespaceSelector));
    }

    /// <summary>Keys stand for the workload's own values; a key that it has no label of says nothing.</summary>
    private static Selection? WithKeys(Selection? selection, ValueList<Label> labels, IEnumerable<string> match, IEnumerable<string> mismatch)
    {
        if (selection is null) return null;
        var more = match.Select(key => (key, LabelOperator.In)).Concat(mismatch.Select(key => (key, LabelOperator.NotIn)))
            .Where(pair => Selection.ValueOf(labels, pair.key) is not null)
            .Select(pair => new LabelRequirement(pair.key, pair.Item2, [Selection.ValueOf(labels, pair.key)!])).ToList();
        return more.Count == 0 ? selection : new Selection(selection.Requirements.Concat(more).ToValueList());
    }

    private static HostTerm Read(NodeSelectorTerm term) => new(
        term.MatchExpressions.Select(Read).ToValueList(), term.MatchFields.Select(Read).ToValueList());

    private static LabelRequirement Read(NodeSelectorRequirement requirement) =>
        new(requirement.Key, OperatorOf(requirement.Operator), requirement.Values.ToValueList());

    /// <exception cref="FormatException">No such operator: the object was never validated.</exception>
    private static LabelOperator OperatorOf(string text) => Enum.TryParse<LabelOperator>(text, out var found)
        ? found
        : throw new FormatException($"'{text}' is not an operator of a selector.");
}
