using Orchestrator.Objects.ApiExtensionsV1;

namespace Orchestrator.Contracts.Kinds;

/// <summary>What only custom kinds have.</summary>
/// <param name="DefinedBy">The name of the CustomResourceDefinition.</param>
/// <param name="Served">Whether this version is served; one that isn't may still be the stored one.</param>
/// <param name="Stored">Whether objects are stored in this version.</param>
/// <param name="Ending">The definition is being deleted: no new objects.</param>
/// <param name="Deprecation">What users of this version are told; empty if it isn't deprecated.</param>
/// <param name="Columns">Of its table, beside the name.</param>
public sealed record CustomTraits(
    string DefinedBy, bool Served, bool Stored, bool Ending, string Deprecation, IReadOnlyList<CustomResourceColumnDefinition> Columns);
