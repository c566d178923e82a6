using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Encoding;

/// <summary>The object of a request, null if there are errors, and what was left out of it.</summary>
public sealed record DecodedBody(IMessage? Message, IReadOnlyList<FieldError> Errors, IReadOnlyList<FieldError> Warnings);

/// <summary>Reads the one object that a request carries, as strictly as its sender asks for.</summary>
public static class ObjectBody
{
    /// <summary>Fills in no defaults and checks no rules. Never throws, whatever the bytes.</summary>
    /// <param name="utf8">JSON, or YAML of one document.</param>
    /// <param name="yaml">Whether it may be YAML.</param>
    /// <param name="expected">The kind that it must be; then apiVersion and kind may be absent.</param>
    /// <param name="validation">What becomes of fields that nobody knows.</param>
    public static DecodedBody Decode(ReadOnlyMemory<byte> utf8, bool yaml, Kind expected, FieldValidation validation)
    {
        var findings = new Findings("");
        var documents = new List<ValueNode>();
        if (yaml) documents = InputText.Read(utf8.Span, findings);
        else InputText.ReadJson(utf8.Span, findings, documents);
        var reader = new DocumentReader(findings, "", KindCatalog.BuiltIn);
        foreach (var document in documents) reader.Read(document, expected);
        if (!findings.Any && reader.Objects.Count != 1)
        {
            findings.AddAt(default, FieldReasons.Invalid, $"expected one object, found {reader.Objects.Count}");
        }
        var errors = findings.ToErrors();
        var surplus = validation == FieldValidation.Strict ? [] : errors.Where(IsSurplus).ToArray();
        if (surplus.Length < errors.Count) return new DecodedBody(null, errors.Except(surplus).ToArray(), []);
        return new DecodedBody(reader.Objects[0].Message, [], validation == FieldValidation.Warn ? surplus : []);
    }

    private static bool IsSurplus(FieldError error) => error.Reason is FieldReasons.Unknown or FieldReasons.Duplicate;
}
