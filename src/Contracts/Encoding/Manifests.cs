using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Reads what users write: YAML of one or more documents, or JSON.</summary>
public static class Manifests
{
    /// <summary>
    /// Decodes, fills in defaults and validates every document and reports all that is wrong with all of them. Never
    /// throws, whatever the bytes. At most 3 MiB and 64 levels; YAML aliases may repeat 10,000 values, tags other
    /// than those of the core schema and merge keys are refused.
    /// </summary>
    /// <param name="utf8">The text.</param>
    /// <param name="source">The name of the text in errors, such as a file name.</param>
    /// <param name="defaults">Whether the objects come with their defaults; they are validated with them in any case.</param>
    public static DecodeResult Read(ReadOnlyMemory<byte> utf8, string source, bool defaults = true)
    {
        var findings = new Findings(source);
        var reader = new DocumentReader(findings, source, (kind, message) =>
        {
            var filled = defaults ? message : kind.Descriptor.Parser.ParseFrom(message.ToByteString());
            Defaults.Apply(filled);
            new ObjectRules(findings).Check(filled, kind);
        });
        foreach (var document in InputText.Read(utf8.Span, findings))
        {
            if (document.Kind != ValueKind.Null) reader.Read(document, expected: null);
        }
        return new DecodeResult(reader.Objects, findings.ToErrors());
    }
}
