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
            if (equal <= 0 || kind.FieldReader(path) is not { } read)
            {
                (selector, error) = (null, equal <= 0
                    ? $"invalid field selector '{part}': expected field=value or field!=value"
                    : $"field label not supported: {path} ({kind.Name} has no such plain field)");
                return false;
            }

            requirements.Add(new Requirement(read, part[(equal + 1)..].TrimStart('=').Trim(), negated));
        }

        (selector, error) = (requirements.Count == 0 ? Everything : new FieldSelector(requirements), "");
        return true;
    }

    private sealed record Requirement(Func<IMessage, string> Read, string Value, bool Negated)
    {
        public bool Matches(IMessage obj) => (Read(obj) == Value) != Negated;
    }
}
