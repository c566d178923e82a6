using CsCheck;

namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>Random traits, terms and constraints, from few labels so that they often speak of each other.</summary>
internal static class Neighbors
{
    private static readonly string[] Keys = ["kubernetes.io/hostname", "zone", "topology.kubernetes.io/zone"];

    private static readonly Gen<string> Key = One(Keys);

    private static readonly Gen<Label> Label = Gen.Select(One("app", "tier"), One("a", "b"), (key, value) => new Label(key, value));

    private static readonly Gen<ValueList<Label>> Labels =
        Label.Array[0, 2].Select(labels => labels.DistinctBy(label => label.Key).OrderBy(label => label.Key, StringComparer.Ordinal).ToValueList());

    private static readonly Gen<LabelRequirement> Requirement = Gen.Select(
        One("app", "tier"), One(LabelOperator.In, LabelOperator.In, LabelOperator.NotIn, LabelOperator.Exists, LabelOperator.DoesNotExist),
        One("a", "b"), (key, by, value) => new LabelRequirement(key, by, by is LabelOperator.In or LabelOperator.NotIn ? [value] : []));

    private static readonly Gen<Selection?> Selection = Gen.Frequency(
        (9, Requirement.Array[0, 2].Select(requirements => (Selection?)new Selection(requirements.ToValueList()))), (1, Gen.Const((Selection?)null)));

    private static readonly Gen<WorkloadTerm> Term = Gen.Select(
        Key, Selection, One<string[]>(["default"], ["default"], ["other"], ["default", "other"], []),
        One<Selection?>(null, null, Scheduler.Selection.Everything, Make.Selection("team=red"), Make.Selection("kubernetes.io/metadata.name=other")),
        (key, selection, namespaces, byLabels) => new WorkloadTerm(key, selection, namespaces.ToValueList(), byLabels));

    private static readonly Gen<WeightedTerm> Weighted = Gen.Select(Gen.Int[-100, 100], Term, (weight, term) => new WeightedTerm(weight == 0 ? 1 : weight, term));

    private static readonly Gen<HostPort> Port = Gen.Select(
        One("TCP", "UDP"), One("", "10.0.0.1", "10.0.0.2"), One(80, 443), (protocol, address, port) => new HostPort(protocol, address, port));

    public static readonly Gen<WorkloadTraits> Traits = Gen.Select(
        One("default", "default", "other"), Labels, One("", "", "owner-1", "owner-2"), Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true))),
        Seldom(Term), Seldom(Term), Seldom(Weighted), Seldom(Port),
        (name, labels, owner, terminating, near, apart, preferred, ports) => new WorkloadTraits
        {
            Namespace = name,
            Labels = labels,
            Owner = owner,
            Terminating = terminating,
            Affinity = near,
            AntiAffinity = apart,
            Preferred = preferred,
            Ports = ports,
        });

    public static readonly Gen<ValueList<SpreadConstraint>> Spread = Seldom(Gen.Select(
        Key, Gen.Int[1, 2], Gen.Bool, Selection, Gen.Int[1, 3], Gen.Bool, Gen.Bool,
        (key, skew, required, selection, domains, affinity, taints) =>
            new SpreadConstraint(key, skew, required, selection, required ? domains : 1, affinity, taints)))
        .Select(constraints => constraints.DistinctBy(one => (one.TopologyKey, one.Required)).ToValueList());

    private static readonly Gen<LabelRequirement> HostRequirement = Gen.Select(
        One("disk", "zone", "size"), Gen.Enum<LabelOperator>(), One("a", "b", "3", "10"),
        (key, by, value) => new LabelRequirement(key, by, by is LabelOperator.Exists or LabelOperator.DoesNotExist ? [] : [value]));

    private static readonly Gen<LabelRequirement> NameRequirement = Gen.Select(
        One(LabelOperator.In, LabelOperator.NotIn), Gen.Int[0, 4], (by, at) => new LabelRequirement("metadata.name", by, [$"host-{at}"]));

    private static readonly Gen<HostTerm> HostTerm = Gen.Frequency(
        (4, HostRequirement.Array[0, 2].Select(labels => new HostTerm(labels.ToValueList()))),
        (1, Gen.Select(HostRequirement.Array[0, 1], NameRequirement, (labels, name) => new HostTerm(labels.ToValueList(), [name]))));

    public static readonly Gen<RequiredHosts?> RequiredHosts = Gen.Frequency(
        (4, Gen.Const((RequiredHosts?)null)), (1, HostTerm.Array[1, 2].Select(terms => (RequiredHosts?)new RequiredHosts(terms.ToValueList()))));

    public static readonly Gen<ValueList<PreferredHosts>> PreferredHosts =
        Seldom(Gen.Select(Gen.Int[1, 100], HostTerm, (weight, term) => new PreferredHosts(weight, term)));

    public static readonly NamespaceLabels Namespaces = NamespaceLabels.None
        .With("default", []).With("other", new Dictionary<string, string> { ["team"] = "red" });

    /// <summary>One of these, each as often as it is listed.</summary>
    public static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);

    private static Gen<ValueList<T>> Seldom<T>(Gen<T> item) =>
        Gen.Frequency((4, Gen.Const(default(ValueList<T>))), (1, item.Array[1, 2].Select(items => items.ToValueList())));
}
