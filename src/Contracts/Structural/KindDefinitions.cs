using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>Makes kinds of CustomResourceDefinitions.</summary>
public static class KindDefinitions
{
    /// <summary>
    /// One kind for each version, the preferred one first. Of a definition that has been checked.
    /// </summary>
    public static IReadOnlyList<Kind> KindsOf(CustomResourceDefinition definition)
    {
        var names = definition.Status?.AcceptedNames is { Plural.Length: > 0 } accepted ? accepted : definition.Spec.Names;
        return
        [
            .. definition.Spec.Versions.OrderBy(version => version.Name, VersionPriority.Best)
                .Select(version => new Kind(CustomObject.Descriptor, RulesOf(definition.Spec, names, version.Name), DefinitionOf(version), TraitsOf(definition, version))),
        ];
    }

    /// <summary>
    /// All that makes the schema of a version none, or has no effect in it (<see cref="FieldReasons.Unknown"/>,
    /// <see cref="FieldReasons.NotEnforced"/>); paths begin at the schema.
    /// </summary>
    public static IReadOnlyList<FieldError> Check(CustomResourceDefinitionVersion version)
    {
        var findings = new Findings("");
        findings.EnterField("schema");
        findings.EnterField("openAPIV3Schema");
        if (version.Schema is null || version.Schema.OpenApiV3Schema.IsEmpty) findings.Add(FieldReasons.Required, "Required value: schemas are required");
        else if (Text(version) is { } text) new SchemaReader(findings).Read(text, SchemaPlace.Root);
        else findings.Add(FieldReasons.TypeInvalid, "Invalid value: expected a schema");
        return findings.ToErrors();
    }

    private static SchemaDefinition DefinitionOf(CustomResourceDefinitionVersion version)
    {
        var text = Text(version) ?? [];
        return new SchemaDefinition(new SchemaReader(new Findings("")).Read(text, SchemaPlace.Root), text, version);
    }

    private static JsonObject? Text(CustomResourceDefinitionVersion version)
    {
        if (version.Schema is null || version.Schema.OpenApiV3Schema.IsEmpty) return null;
        try
        {
            return JsonNode.Parse(version.Schema.OpenApiV3Schema.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static KindRules RulesOf(CustomResourceDefinitionSpec spec, CustomResourceDefinitionNames names, string version) => new()
    {
        Group = spec.Group,
        Version = version,
        Kind = names.Kind,
        Plural = names.Plural,
        Singular = names.Singular,
        ShortNames = { names.ShortNames },
        Categories = { names.Categories },
        Namespaced = spec.Scope == "Namespaced",
        NameFormat = Format.DnsSubdomain,
    };

    private static CustomTraits TraitsOf(CustomResourceDefinition definition, CustomResourceDefinitionVersion version)
    {
        var ending = definition.Metadata.DeletionTimestamp is not null;
        var deprecation = !version.Deprecated ? ""
            : version.DeprecationWarning.Length > 0 ? version.DeprecationWarning
            : $"{definition.Spec.Group}/{version.Name} {definition.Spec.Names.Kind} is deprecated";
        return new CustomTraits(definition.Metadata.Name, version.Served, version.Storage, ending, deprecation, [.. version.AdditionalPrinterColumns]);
    }
}
