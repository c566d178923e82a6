using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>
/// A schema that says of every value below it what it is: Kubernetes' structural schema. Immutable once it is read. Source: the
/// Kubernetes documentation, "Specifying a structural schema".
/// </summary>
internal sealed class StructuralSchema : IJsonShape
{
    /// <summary>What stands below a value that keeps unknown fields.</summary>
    private static readonly StructuralSchema Free = new() { KeepsUnknown = true };

    /// <summary>object, array, string, integer, number, boolean; empty: any, or integer or string.</summary>
    public string Type { get; init; } = "";

    public bool Nullable { get; init; }
    public bool IntOrString { get; init; }
    public bool KeepsUnknown { get; init; }

    /// <summary>The value is an object of some kind, with apiVersion, kind and metadata.</summary>
    public bool Embedded { get; init; }

    /// <summary>Whether an object is one value to those who own fields.</summary>
    public bool MapIsAtomic { get; init; }

    public IReadOnlyDictionary<string, StructuralSchema> Properties { get; init; } = new Dictionary<string, StructuralSchema>();

    /// <summary>What members are that have no property; null: there are none.</summary>
    public StructuralSchema? Additional { get; init; }

    public StructuralSchema? Item { get; init; }

    /// <summary>At the root: what limits the object's names; null: nothing. What is apiVersion, kind and metadata is no property.</summary>
    public StructuralSchema? Names { get; init; }

    /// <summary>Null where there is none; a default of null is none either.</summary>
    public JsonNode? Default { get; init; }

    public ListType ListType { get; init; }
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];
    public ValueLimits Limits { get; init; } = new();

    bool IJsonShape.MembersStandAlone => Type is "object" or "" && !IntOrString && !MapIsAtomic;

    IJsonShape? IJsonShape.Items => Item;

    JsonNode? IJsonShape.DefaultValue => Default;

    IJsonShape? IJsonShape.Member(string name) => Member(name);

    /// <summary>What a member is; null where nothing may be.</summary>
    public StructuralSchema? Member(string name) =>
        Properties.TryGetValue(name, out var property) ? property : Additional ?? (KeepsUnknown ? Free : null);
}
