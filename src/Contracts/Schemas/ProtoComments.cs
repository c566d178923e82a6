using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Orchestrator.Contracts.Schemas;

/// <summary>
/// What the object definitions say of their messages and fields in prose. The compiled descriptors keep no comments, so the
/// definitions travel with the assembly, and their comments are read here. They become the descriptions of the OpenAPI documents.
/// </summary>
internal static partial class ProtoComments
{
    private static readonly Lazy<FrozenDictionary<string, string>> Texts = new(Load);

    /// <summary>The comment at a message (<c>orchestrator.core.v1.Pod</c>) or a field of one (<c>….Pod.spec</c>); empty if there is none.</summary>
    public static string Of(string fullName) => Texts.Value.GetValueOrDefault(fullName, "");

    /// <summary>The comments of one definition, by the full names of what they stand at.</summary>
    internal static IEnumerable<(string Name, string Text)> Read(string proto)
    {
        var package = PackagePattern().Match(proto).Groups[1].Value;
        var (messages, depth, pending) = (new Stack<(string Name, int Depth)>(), 0, new List<string>());
        foreach (var line in proto.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                pending.Add(line[2..].Trim());
                continue;
            }

            var (code, trailing) = SplitComment(line);
            if (MessagePattern().Match(code) is { Success: true } message)
            {
                messages.Push((message.Groups[1].Value, depth));
                if (pending.Count > 0) yield return (Name(package, messages, null), string.Join(' ', pending));
            }
            else if (messages.Count > 0 && depth == messages.Peek().Depth + 1 && FieldPattern().Match(code) is { Success: true } field)
            {
                if (trailing.Length > 0) pending.Add(trailing);
                if (pending.Count > 0) yield return (Name(package, messages, field.Groups[1].Value), string.Join(' ', pending));
            }

            pending.Clear();
            depth += code.Count(letter => letter == '{') - code.Count(letter => letter == '}');
            while (messages.Count > 0 && depth <= messages.Peek().Depth) messages.Pop();
        }
    }

    private static string Name(string package, Stack<(string Name, int Depth)> messages, string? field) =>
        string.Join('.', messages.Select(message => message.Name).Append(package).Reverse().Concat(field is null ? [] : [field]));

    private static (string Code, string Comment) SplitComment(string line)
    {
        var at = line.IndexOf(" //", StringComparison.Ordinal);
        return at < 0 ? (line, "") : (line[..at], line[(at + 3)..].Trim());
    }

    private static FrozenDictionary<string, string> Load()
    {
        var assembly = typeof(ProtoComments).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.EndsWith(".proto", StringComparison.Ordinal)).SelectMany(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return Read(reader.ReadToEnd()).ToArray();
        }).ToFrozenDictionary(one => one.Name, one => one.Text);
    }

    [GeneratedRegex(@"^package ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex PackagePattern();

    [GeneratedRegex(@"^message (\w+) \{")]
    private static partial Regex MessagePattern();

    [GeneratedRegex(@"^(?:optional |repeated )?(?:map<[^>]+>|[\w.]+) (\w+) = \d+")]
    private static partial Regex FieldPattern();
}
