using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Structural;

/// <summary>What a schema demands of a value beyond its type.</summary>
internal sealed record ValueLimits
{
    public string Format { get; init; } = "";
    public SchemaPattern? Pattern { get; init; }
    public IReadOnlyList<JsonNode?>? Allowed { get; init; }
    public double? Minimum { get; init; }
    public double? Maximum { get; init; }
    public bool ExclusiveMinimum { get; init; }
    public bool ExclusiveMaximum { get; init; }
    public double? MultipleOf { get; init; }

    /// <summary>How many characters, items or members there must be at least and at most.</summary>
    public long? MinLength { get; init; }
    public long? MaxLength { get; init; }
    public long? MinItems { get; init; }
    public long? MaxItems { get; init; }
    public long? MinProperties { get; init; }
    public long? MaxProperties { get; init; }

    public bool UniqueItems { get; init; }
    public IReadOnlyList<string> Required { get; init; } = [];
    public IReadOnlyList<StructuralSchema> AllOf { get; init; } = [];
    public IReadOnlyList<StructuralSchema> AnyOf { get; init; } = [];
    public IReadOnlyList<StructuralSchema> OneOf { get; init; } = [];
    public StructuralSchema? Not { get; init; }

    /// <summary>The schemas that only limit what stands outside of them.</summary>
    public IEnumerable<(string Keyword, int Index, StructuralSchema Schema)> Nested() =>
        AllOf.Select((schema, i) => ("allOf", i, schema))
            .Concat(AnyOf.Select((schema, i) => ("anyOf", i, schema)))
            .Concat(OneOf.Select((schema, i) => ("oneOf", i, schema)))
            .Concat(Not is null ? [] : [("not", -1, Not)]);
}
