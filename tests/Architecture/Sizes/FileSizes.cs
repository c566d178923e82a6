namespace Orchestrator.Architecture.Sizes;

/// <summary>The ratchet on file sizes: past <see cref="Large"/> lines a file needs a reason in the list, past <see cref="Limit"/> a redesign.</summary>
internal static class FileSizes
{
    public const int Large = 300;
    public const int Limit = 500;

    /// <summary>A file over <see cref="Large"/> lines, the most that it may have, and why.</summary>
    public sealed record Exception(string Path, int Lines, string Reason);

    /// <summary>Reads lines of the form <c>path lines reason…</c>; empty ones and those that begin with # are skipped.</summary>
    public static IReadOnlyList<Exception> ParseList(string text) => text.Split('\n', StringSplitOptions.TrimEntries)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries))
        .Select(parts => new Exception(parts[0], int.Parse(parts.ElementAtOrDefault(1) ?? "0"), parts.ElementAtOrDefault(2) ?? ""))
        .ToList();

    public static IEnumerable<string> Violations(IReadOnlyDictionary<string, int> lines, IReadOnlyList<Exception> listed, int mostListed)
    {
        foreach (var (path, count) in lines)
        {
            var exception = listed.FirstOrDefault(one => one.Path == path);
            if (count > Limit) yield return $"{path} has {count} lines; past {Limit} it needs a redesign.";
            else if (count > Large && exception is null) yield return $"{path} has {count} lines; past {Large} it needs a reason in the list.";
            else if (count > exception?.Lines) yield return $"{path} has {count} lines, listed with {exception.Lines}; it only shrinks.";
        }

        foreach (var exception in listed)
        {
            if (exception.Reason.Length == 0) yield return $"{exception.Path} is listed without a reason.";
            if (lines.GetValueOrDefault(exception.Path) <= Large) yield return $"{exception.Path} needs no reason any more; take it off the list.";
        }

        if (listed.Count != mostListed) yield return $"The list holds {listed.Count} files, not {mostListed}; it only shrinks, and the number with it.";
    }
}
