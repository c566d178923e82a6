using System.Diagnostics.CodeAnalysis;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Selectors;

/// <summary>Which objects of a kind a reader asked for.</summary>
internal sealed record ObjectSelection(string Namespace, string Name, LabelSelector Labels, FieldSelector Fields)
{
    public bool Matches(StoredObject obj) =>
        (Namespace.Length == 0 || obj.Key.Namespace == Namespace)
        && (Name.Length == 0 || obj.Key.Name == Name)
        && Labels.Matches(obj.Metadata.Labels)
        && Fields.Matches(obj.Message);

    public static bool TryParse(
        Kind kind, string ns, string name, string labels, string fields,
        [NotNullWhen(true)] out ObjectSelection? selection, [NotNullWhen(false)] out ApiError? error)
    {
        selection = null;
        error = null;
        if (!LabelSelector.TryParse(labels, out var byLabel, out var why)) error = new ApiError(ErrorReason.BadRequest, $"labelSelector: {why}");
        else if (!FieldSelector.TryParse(fields, kind, out var byField, out why)) error = new ApiError(ErrorReason.BadRequest, $"fieldSelector: {why}");
        else selection = new ObjectSelection(kind.Namespaced ? ns : "", name, byLabel, byField);
        return error is null && selection is not null;
    }
}
