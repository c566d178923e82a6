using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.CustomKinds;

/// <summary>
/// Whether a definition gets the names that it wants, and what its status says then:
/// <code>
/// new ── names free ──► Established, for good ── wants taken names ──► keeps the names that it has, NamesAccepted=False
///   └── names taken ──► NamesAccepted=False ── the others go ──► Established
/// </code>
/// Pure; whoever looks may look again.
/// </summary>
internal static class DefinitionNames
{
    public const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>Brings the status up to date.</summary>
    /// <param name="definition">Is changed.</param>
    /// <param name="served">The kinds that there are.</param>
    /// <param name="now">When conditions change that do.</param>
    public static void Settle(CustomResourceDefinition definition, KindSet served, DateTimeOffset now)
    {
        FillIn(definition.Spec.Names);
        var status = definition.Status ??= new CustomResourceDefinitionStatus();
        var conflict = Conflict(definition, served);
        if (conflict is null) status.AcceptedNames = definition.Spec.Names.Clone();
        var established = conflict is null || status.Conditions.Any(condition => condition is { Type: "Established", Status: "True" });
        Set(status, "NamesAccepted", conflict is null, conflict?.Reason ?? "NoConflicts", conflict?.Message ?? "no conflicts found", now);
        Set(status, "Established", established, established ? "InitialNamesAccepted" : "NotAccepted", established ? "the initial names have been accepted" : "not all names are accepted", now);
        foreach (var version in definition.Spec.Versions.Where(version => version.Storage && !status.StoredVersions.Contains(version.Name))) status.StoredVersions.Add(version.Name);
    }

    /// <summary>What is derived from the kind where it isn't given.</summary>
    public static void FillIn(CustomResourceDefinitionNames names)
    {
        if (names.Singular.Length == 0) names.Singular = names.Kind.ToLowerInvariant();
        if (names.ListKind.Length == 0) names.ListKind = $"{names.Kind}List";
    }

    public static void Set(CustomResourceDefinitionStatus status, string type, bool holds, string reason, string message, DateTimeOffset now)
    {
        var condition = status.Conditions.FirstOrDefault(condition => condition.Type == type);
        if (condition is null) status.Conditions.Add(condition = new Condition { Type = type });
        var text = holds ? "True" : "False";
        if (condition.Status != text) condition.LastTransitionTime = new Timestamp { Seconds = now.ToUnixTimeSeconds() };
        (condition.Status, condition.Reason, condition.Message) = (text, reason, message);
    }

    private static (string Reason, string Message)? Conflict(CustomResourceDefinition definition, KindSet served)
    {
        var names = definition.Spec.Names;
        var others = served.All.Where(kind => kind.Resource.Group == definition.Spec.Group && kind.Custom?.DefinedBy != definition.Metadata.Name).ToArray();
        var plurals = others.SelectMany(kind => kind.Rules.ShortNames.Append(kind.Rules.Plural).Append(kind.Rules.Singular)).ToHashSet(StringComparer.Ordinal);
        var kinds = others.SelectMany(kind => new[] { kind.Name, $"{kind.Name}List" }).ToHashSet(StringComparer.Ordinal);
        if (plurals.Contains(names.Plural)) return ("PluralConflict", $"\"{names.Plural}\" is already in use");
        if (plurals.Contains(names.Singular)) return ("SingularConflict", $"\"{names.Singular}\" is already in use");
        if (names.ShortNames.FirstOrDefault(plurals.Contains) is { } taken) return ("ShortNamesConflict", $"\"{taken}\" is already in use");
        if (kinds.Contains(names.Kind)) return ("KindConflict", $"\"{names.Kind}\" is already in use");
        return kinds.Contains(names.ListKind) ? ("ListKindConflict", $"\"{names.ListKind}\" is already in use") : null;
    }
}
