using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Structural;
using Orchestrator.Objects.ApiExtensionsV1;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Reads what users write: YAML of one or more documents, or JSON.</summary>
public static class Manifests
{
    /// <summary>
    /// Decodes, fills in defaults and validates every document and reports all that is wrong with all of them. Never
    /// throws, whatever the bytes. At most 3 MiB and 64 levels; YAML aliases may repeat 10,000 values, tags other
    /// than those of the core schema and merge keys are refused. What a document defines, later ones may be.
    /// </summary>
    /// <param name="utf8">The text.</param>
    /// <param name="source">The name of the text in errors, such as a file name.</param>
    /// <param name="defaults">Whether the objects come with their defaults; they are validated with them in any case.</param>
    /// <param name="kinds">What there is; the built-in kinds if it isn't said.</param>
    public static DecodeResult Read(ReadOnlyMemory<byte> utf8, string source, bool defaults = true, KindSet? kinds = null)
    {
        var findings = new Findings(source);
        DocumentReader reader = null!;
        reader = new DocumentReader(findings, source, kinds ?? KindCatalog.BuiltIn, (kind, message) =>
        {
            var filled = defaults ? message : kind.Copy(message);
            Defaults.Apply(kind, filled);
            Validation.Check(kind, filled, findings);
            if (filled is CustomResourceDefinition definition && !findings.Any) kinds = Learn(reader, kinds ?? KindCatalog.BuiltIn, definition);
        });
        foreach (var document in InputText.Read(utf8.Span, findings))
        {
            if (document.Kind != ValueKind.Null) reader.Read(document, expected: null);
        }
        return new DecodeResult(reader.Objects, findings.ToErrors());
    }

    private static KindSet Learn(DocumentReader reader, KindSet kinds, CustomResourceDefinition definition)
    {
        var others = kinds.All.Where(kind => kind.Custom is null || kind.Custom.DefinedBy != definition.Metadata?.Name).ToArray();
        var brought = KindDefinitions.KindsOf(definition).Where(kind => kind.Custom!.Served && !others.Any(other => other.Resource == kind.Resource || (other.ApiVersion, other.Name) == (kind.ApiVersion, kind.Name)));
        var all = new KindSet([.. others, .. brought.DistinctBy(kind => kind.Rules.Version)]);
        reader.Learn(all);
        return all;
    }
}
