using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>What a kind says about the names and the namespace of its objects.</summary>
internal static class MetadataRules
{
    private static readonly MessageShape Shape = MessageShape.Of(ObjectMeta.Descriptor);

    public static void Check(IMessage obj, Kind kind, Findings findings)
    {
        var metadata = kind.MetadataOf(obj) ?? new ObjectMeta();
        findings.EnterField("metadata");
        CheckName(metadata, kind, findings);
        if (!kind.Namespaced && metadata.Namespace.Length > 0)
        {
            var message = $"Forbidden: a {kind.Name} is cluster-wide and has no namespace; remove this field";
            findings.Add("namespace", FieldReasons.Forbidden, message);
        }
        findings.Leave();
    }

    private static void CheckName(ObjectMeta metadata, Kind kind, Findings findings)
    {
        if (metadata.Name.Length == 0 && metadata.GenerateName.Length == 0)
        {
            findings.Add("name", FieldReasons.Required, "Required value: name or generateName is required");
        }
        // Whatever a kind allows, its name must be able to stand in a URL path.
        var format = kind.Rules.NameFormat == Format.Unspecified ? Format.PathSegment : kind.Rules.NameFormat;
        CheckName("name", metadata.Name, metadata.Name, format, findings);
        // A prefix may end with the dash that the generated part follows.
        var prefix = metadata.GenerateName.EndsWith('-') ? metadata.GenerateName[..^1] + "0" : metadata.GenerateName;
        CheckName("generateName", metadata.GenerateName, prefix, format, findings);
    }

    private static void CheckName(string field, string given, string name, Format format, Findings findings)
    {
        // That a name is too long is said by the rules of its field.
        if (name.Length == 0 || name.Length > Shape.Find(field)!.Rules.MaximumLength) return;
        if (Formats.Problem(format, name) is not { } problem) return;
        findings.Add(field, FieldReasons.Invalid, $"Invalid value {Quoted.Text(given)}: {problem}");
    }
}
