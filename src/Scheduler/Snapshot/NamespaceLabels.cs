using System.Collections.Immutable;

namespace Orchestrator.Scheduler;

/// <summary>The labels of the namespaces, by which a term may choose them. Every namespace has its own name as a label.</summary>
public sealed class NamespaceLabels
{
    public const string NameLabel = "kubernetes.io/metadata.name";

    public static readonly NamespaceLabels None = new(ImmutableDictionary<string, ValueList<Label>>.Empty);

    private readonly ImmutableDictionary<string, ValueList<Label>> _labels;

    private NamespaceLabels(ImmutableDictionary<string, ValueList<Label>> labels) => _labels = labels;

    public ValueList<Label> Of(string name) => _labels.TryGetValue(name, out var labels) ? labels : [new Label(NameLabel, name)];

    public NamespaceLabels With(string name, IEnumerable<KeyValuePair<string, string>> labels) => new(_labels.SetItem(
        name, HostView.LabelsOf(labels.Where(label => label.Key != NameLabel).Append(new(NameLabel, name)))));

    public NamespaceLabels Without(string name) => new(_labels.Remove(name));
}
