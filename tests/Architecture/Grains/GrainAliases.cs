using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Grains;

/// <summary>
/// A silo of one version calls grains of another by alias, and stores what was serialised by alias. A name without one breaks
/// with the next renaming, and only in a cluster that is being upgraded.
/// </summary>
internal static partial class GrainAliases
{
    private static readonly string[] Roots =
    [
        "IGrain", "IGrainWithStringKey", "IGrainWithGuidKey", "IGrainWithIntegerKey", "IGrainWithGuidCompoundKey",
        "IGrainWithIntegerCompoundKey", "IGrainObserver", "ISystemTarget", "IGrainService",
    ];

    /// <summary>The names of the grain interfaces, also those that are grains only by inheritance.</summary>
    public static IEnumerable<string> Interfaces(IEnumerable<(string Path, string Text)> sources) =>
        GrainInterfaces(sources.Select(source => (source.Path, CSharpText.WithoutComments(source.Text)))).Select(grain => grain.Name);

    /// <param name="sources">Path and text of each file; interfaces may inherit across files.</param>
    public static IEnumerable<string> Violations(IReadOnlyCollection<(string Path, string Text)> sources)
    {
        var texts = sources.Select(source => (source.Path, Text: CSharpText.WithoutComments(source.Text))).ToList();
        var grains = GrainInterfaces(texts);
        return grains.SelectMany(OfInterface).Concat(texts.SelectMany(OfSerialised)).Concat(Repeated(grains));
    }

    private sealed record Declaration(string Path, string Name, string Attributes, string[] Parents, string Body);

    private static List<Declaration> GrainInterfaces(IEnumerable<(string Path, string Text)> sources)
    {
        var all = sources.SelectMany(source => InterfacePattern().Matches(source.Text).Select(match => new Declaration(
            source.Path, match.Groups["name"].Value, match.Groups["attributes"].Value,
            match.Groups["parents"].Value.Split(',', StringSplitOptions.TrimEntries), BodyAfter(source.Text, match.Index + match.Length)))).ToList();
        var known = Roots.ToHashSet(StringComparer.Ordinal);
        var found = new List<Declaration>();
        while (all.FindAll(one => one.Parents.Any(parent => known.Contains(SimpleName(parent)))) is { Count: > 0 } next)
        {
            found.AddRange(next);
            all.RemoveAll(next.Contains);
            known.UnionWith(next.Select(one => one.Name));
        }

        return found;
    }

    private static IEnumerable<string> OfInterface(Declaration grain)
    {
        if (AliasOf(grain.Attributes) is null) yield return $"{grain.Path}: {grain.Name} has no [Alias].";
        var aliases = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in grain.Body.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var name = MethodPattern().Match(member) is { Success: true } method ? method.Groups["name"].Value : member;
            if (AliasOf(member) is not { } alias) yield return $"{grain.Path}: {grain.Name}.{name} has no [Alias].";
            else if (!aliases.Add(alias)) yield return $"{grain.Path}: {grain.Name}.{name} repeats the alias {alias}.";
        }
    }

    private static IEnumerable<string> OfSerialised((string Path, string Text) source) =>
        from Match match in SerialisedPattern().Matches(source.Text)
        where AliasOf(match.Groups["attributes"].Value) is null
        select $"{source.Path}: {match.Groups["name"].Value} is serialised without an [Alias].";

    private static IEnumerable<string> Repeated(IEnumerable<Declaration> grains) => grains
        .GroupBy(grain => AliasOf(grain.Attributes) ?? grain.Name)
        .Where(group => group.Count() > 1)
        .Select(group => $"{string.Join(" and ", group.Select(grain => grain.Name))} share the alias {group.Key}.");

    private static string BodyAfter(string text, int at)
    {
        var open = at;
        while (open < text.Length && char.IsWhiteSpace(text[open])) open++;
        if (open == text.Length || text[open] != '{') return "";
        var (depth, end) = (1, open + 1);
        for (; end < text.Length && depth > 0; end++) depth += text[end] switch { '{' => 1, '}' => -1, _ => 0 };
        return text[(open + 1)..(end - 1)];
    }

    private static string SimpleName(string type) => type.Split('<')[0].Split('.')[^1];

    private static string? AliasOf(string attributes) =>
        AliasPattern().Match(attributes) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"(?<attributes>(?:\[[^\]]*\]\s*)*)(?:\b(?:public|internal|private|protected|partial|file)\s+)*\binterface\s+(?<name>\w+)\s*(?:<[^>]*>)?\s*:\s*(?<parents>[\w.,<>\s]+?)(?=\s*[{;]|\s+where\b)")]
    private static partial Regex InterfacePattern();

    [GeneratedRegex(@"(?<attributes>(?:\[[^\]]*\]\s*)*\[[^\]]*\bGenerateSerializer\b[^\]]*\]\s*(?:\[[^\]]*\]\s*)*)(?:\w+\s+)*?(?:class|struct|record\s+struct|record\s+class|record|enum)\s+(?<name>\w+)")]
    private static partial Regex SerialisedPattern();

    [GeneratedRegex(@"(?<name>\w+)\s*(?:<[^>]*>)?\s*\([^()]*\)\s*$")]
    private static partial Regex MethodPattern();

    [GeneratedRegex(@"\bAlias\(\s*""([^""]+)""\s*\)")]
    private static partial Regex AliasPattern();
}
