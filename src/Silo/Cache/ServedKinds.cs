using System.Collections.Immutable;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Structural;
using Orchestrator.Objects.ApiExtensionsV1;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// Which kinds there are: those that are built in, and those whose definitions are established. One writer, which takes over the
/// definitions as they change; readers see immutable sets.
/// </summary>
internal sealed class ServedKinds
{
    public static readonly ResourceId Definitions = KindCatalog.Of<CustomResourceDefinition>().Resource;

    private ImmutableSortedDictionary<string, Entry> _custom = ImmutableSortedDictionary.Create<string, Entry>(StringComparer.Ordinal);
    private volatile KindSet _current = KindCatalog.BuiltIn;

    private sealed record Entry(CustomResourceDefinition Definition, IReadOnlyList<Kind> Versions)
    {
        public Kind Stored => Versions.First(version => version.Custom!.Stored);
    }

    public KindSet Current => _current;

    /// <summary>The custom kinds in the version that their objects are stored in.</summary>
    public IEnumerable<Kind> Stored => _custom.Values.Select(entry => entry.Stored);

    /// <summary>Takes over a definition as it is now; null: it is gone.</summary>
    public void Take(string name, CustomResourceDefinition? definition)
    {
        var present = _custom.GetValueOrDefault(name);
        if (definition is null || !IsEstablished(definition)) _custom = _custom.Remove(name);
        else if (present is not null && Same(present.Definition, definition)) return;
        else if (!IsTaken(definition)) _custom = _custom.SetItem(name, new Entry(definition, KindDefinitions.KindsOf(definition)));
        _current = KindCatalog.BuiltIn.With(_custom.Values.SelectMany(entry => entry.Versions).Where(version => version.Custom!.Served));
    }

    public static bool IsEstablished(CustomResourceDefinition definition) =>
        definition.Status?.Conditions.Any(condition => condition is { Type: "Established", Status: "True" }) == true;

    /// <summary>A status that changes, or metadata, makes no other kind.</summary>
    private static bool Same(CustomResourceDefinition present, CustomResourceDefinition definition) =>
        present.Spec.Equals(definition.Spec) && Equals(present.Status.AcceptedNames, definition.Status.AcceptedNames)
        && (present.Metadata.DeletionTimestamp is null) == (definition.Metadata.DeletionTimestamp is null);

    /// <summary>Two definitions that were established at the same moment may both want a kind: the first one has it.</summary>
    private bool IsTaken(CustomResourceDefinition definition) => _current.All.Any(kind =>
        kind.Resource.Group == definition.Spec.Group && kind.Name == definition.Spec.Names.Kind && kind.Custom?.DefinedBy != definition.Metadata.Name);
}
