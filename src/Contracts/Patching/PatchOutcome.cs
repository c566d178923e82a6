using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Patching;

/// <summary>The patched document, or why the patch doesn't fit it.</summary>
public readonly record struct PatchOutcome(JsonNode? Document, string? Problem)
{
    public static PatchOutcome Of(JsonNode? document) => new(document, null);

    public static PatchOutcome Fail(string problem) => new(null, problem);
}
