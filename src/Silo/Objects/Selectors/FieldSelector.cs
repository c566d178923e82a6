using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Objects.Selectors;

/// <summary>
/// Field selectors: <c>status.phase=Running,spec.nodeName!=host-1</c>. Any plain field can be named, where Kubernetes takes a few.
/// </summary>
internal sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private readonly IReadOnlyList<Requirement> _requirements;

    private FieldSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    public bool Matches(IMessage obj) => _requirements.All(requirement => requirement.Matches(obj));

    public static bool TryParse(string text, Kind kind, [NotNullWhen(true)] out FieldSelector? selector, out string error)
    {
        var requirements = new List<Requirement>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equal = part.IndexOf('=');
            var negated = equal > 0 && part[equal - 1] == '!';
            var path = equal < 0 ? part : part[..(negated ? equal - 1 : equal)].Trim();
            if (equal <= 0 || Resolve(kind.Descriptor, path) is not { } fields)
            {
                (selector, error) = (null, equal <= 0
                    ? $"invalid field selector '{part}': expected field=value or field!=value"
                    : $"field label not supported: {path} ({kind.Name} has no such plain field)");
                return false;
            }

            requirements.Add(new Requirement(fields, part[(equal + 1)..].TrimStart('=').Trim(), negated));
        }

        (selector, error) = (requirements.Count == 0 ? Everything : new FieldSelector(requirements), "");
        return true;
    }

    private static FieldDescriptor[]? Resolve(MessageDescriptor message, string path)
    {
        var fields = new List<FieldDescriptor>();
        foreach (var name in path.Split('.'))
        {
            if (fields.Count > 0 && fields[^1].FieldType != FieldType.Message) return null;
            var within = fields.Count == 0 ? message : fields[^1].MessageType;
            var field = within.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name);
            if (field is null || field.IsRepeated || field.IsMap) return null;
            fields.Add(field);
        }

        return fields[^1].FieldType == FieldType.Message ? null : fields.ToArray();
    }

    private sealed record Requirement(FieldDescriptor[] Path, string Value, bool Negated)
    {
        public bool Matches(IMessage obj) => (Read(obj) == Value) != Negated;

        private string Read(IMessage obj)
        {
            object? value = obj;
            foreach (var field in Path)
            {
                if (value is not IMessage message) return "";
                value = field.Accessor.GetValue(message);
            }

            return value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }
    }
}
