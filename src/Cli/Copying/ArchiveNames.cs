namespace Orchestrator.Cli.Copying;

/// <summary>
/// What an archive from a container may name. The container writes it and may be hostile: a name leads nowhere but below the target, and
/// so does a link, whatever it is followed through.
/// </summary>
internal static class ArchiveNames
{
    /// <summary>The parts of a member's name below <paramref name="top"/>; null if it is not below it.</summary>
    /// <param name="name">As the archive has it: <c>./top/a/b</c>.</param>
    /// <param name="top">What was asked for; a dot: the archive's whole.</param>
    public static IReadOnlyList<string>? Below(string name, string top)
    {
        if (name.StartsWith('/')) return null;
        var parts = name.Split('/').Where(part => part is not ("" or ".")).ToList();
        if (parts.Contains("..") || parts.Any(part => part.Contains('\0'))) return null;
        if (top == ".") return parts;
        return parts.Count > 0 && parts[0] == top ? parts[1..] : null;
    }

    /// <summary>
    /// Whether a link may be made. It may go up, at most to the top, and then only down: a way up behind a name could go on from
    /// wherever another link leads.
    /// </summary>
    /// <param name="depth">How many folders below the top the link lies in.</param>
    public static bool StaysBelow(string target, int depth)
    {
        if (target.StartsWith('/') || target.Length == 0) return false;
        var parts = target.Split('/').Where(part => part is not ("" or ".")).ToList();
        var up = parts.TakeWhile(part => part == "..").Count();
        return up <= depth && !parts.Skip(up).Contains("..");
    }
}
