using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Structural;
using Orchestrator.Objects.ApiExtensionsV1;

namespace Orchestrator.Silo.CustomKinds;

/// <summary>What a definition must be beyond the rules of its fields: Kubernetes' validation of CustomResourceDefinitions.</summary>
internal static class DefinitionRules
{
    private static readonly string[] WithoutEffectReasons = [FieldReasons.Unknown, FieldReasons.NotEnforced];

    public static IEnumerable<FieldError> Check(CustomResourceDefinition definition)
    {
        var spec = definition.Spec;
        var name = $"{spec.Names.Plural}.{spec.Group}";
        if (definition.Metadata.Name != name) yield return Invalid("metadata.name", $"Invalid value \"{definition.Metadata.Name}\": must be spec.names.plural+\".\"+spec.group");
        if (!spec.Group.Contains('.', StringComparison.Ordinal)) yield return Invalid("spec.group", $"Invalid value \"{spec.Group}\": should be a domain with at least one dot");
        if (spec.PreserveUnknownFields) yield return Invalid("spec.preserveUnknownFields", "Invalid value true: must be false; x-kubernetes-preserve-unknown-fields says it for a part of a schema");
        foreach (var error in CheckNames(spec.Names)) yield return error;
        if (spec.Versions.Count(version => version.Storage) != 1) yield return Invalid("spec.versions", "Invalid value: must have exactly one version marked as storage version");
        for (var i = 0; i < spec.Versions.Count; i++)
        {
            if (spec.Versions.Take(i).Any(before => before.Name == spec.Versions[i].Name))
                yield return new FieldError($"spec.versions[{i}].name", $"Duplicate value \"{spec.Versions[i].Name}\"", FieldReasons.Duplicate);
            foreach (var error in CheckVersion(spec.Versions[i])) yield return error with { Path = $"spec.versions[{i}].{error.Path}" };
        }
    }

    /// <summary>A version that objects may still be stored in must stay.</summary>
    public static IEnumerable<FieldError> CheckStored(CustomResourceDefinition definition) =>
        from stored in definition.Status?.StoredVersions.Select((version, i) => (version, i)) ?? []
        where definition.Spec.Versions.All(version => version.Name != stored.version)
        select Invalid($"status.storedVersions[{stored.i}]", $"Invalid value \"{stored.version}\": must appear in spec.versions");

    /// <summary>What stands in the schemas and is not acted on.</summary>
    public static IEnumerable<string> WithoutEffect(CustomResourceDefinition definition) =>
        definition.Spec.Versions.SelectMany((version, i) => KindDefinitions.Check(version)
            .Where(error => WithoutEffectReasons.Contains(error.Reason)).Select(error => $"spec.versions[{i}].{error.Path}: {error.Message}"));

    private static IEnumerable<FieldError> CheckNames(CustomResourceDefinitionNames names)
    {
        foreach (var (field, kind) in new[] { ("kind", names.Kind), ("listKind", names.ListKind) })
            if (kind.Length > 0 && !IsKind(kind)) yield return Invalid($"spec.names.{field}", $"Invalid value \"{kind}\": must be letters and digits, the first one a letter, and may have dashes between");
        if (names.Kind == names.ListKind) yield return Invalid("spec.names.listKind", "Invalid value: kind and listKind may not be the same");
    }

    private static IEnumerable<FieldError> CheckVersion(CustomResourceDefinitionVersion version)
    {
        foreach (var error in KindDefinitions.Check(version).Where(error => !WithoutEffectReasons.Contains(error.Reason))) yield return error;
        if (version.DeprecationWarning.Length > 0 && !version.Deprecated) yield return Invalid("deprecationWarning", "Invalid value: can only be set for deprecated versions");
        if (version.Subresources?.Scale is { } scale)
        {
            if (!IsFieldBelow(scale.SpecReplicasPath, ".spec.")) yield return Invalid("subresources.scale.specReplicasPath", "Invalid value: should be a json path under .spec");
            if (!IsFieldBelow(scale.StatusReplicasPath, ".status.")) yield return Invalid("subresources.scale.statusReplicasPath", "Invalid value: should be a json path under .status");
            if (scale.LabelSelectorPath.Length > 0 && !IsFieldBelow(scale.LabelSelectorPath, ".status.") && !IsFieldBelow(scale.LabelSelectorPath, ".spec."))
                yield return Invalid("subresources.scale.labelSelectorPath", "Invalid value: should be a json path under either .spec or .status");
        }

        for (var i = 0; i < version.AdditionalPrinterColumns.Count; i++)
            if (!JsonPath.TryParse(version.AdditionalPrinterColumns[i].JsonPath, out _)) yield return Invalid($"additionalPrinterColumns[{i}].jsonPath", $"Invalid value \"{version.AdditionalPrinterColumns[i].JsonPath}\": must be a JSON path such as .spec.replicas");
        for (var i = 0; i < version.SelectableFields.Count; i++)
            if (!IsFieldBelow(version.SelectableFields[i].JsonPath, ".")) yield return Invalid($"selectableFields[{i}].jsonPath", $"Invalid value \"{version.SelectableFields[i].JsonPath}\": must be a field such as .spec.color");
    }

    private static bool IsFieldBelow(string path, string root) => path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length && !path.Contains('[', StringComparison.Ordinal);

    private static bool IsKind(string name) => char.IsAsciiLetter(name[0]) && char.IsAsciiLetterOrDigit(name[^1]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static FieldError Invalid(string path, string message) => new(path, message, FieldReasons.Invalid);
}
