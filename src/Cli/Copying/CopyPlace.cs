namespace Orchestrator.Cli.Copying;

/// <summary>One side of a copy: a path here, or <c>[NAMESPACE/]POD:PATH</c>.</summary>
/// <param name="Namespace">Empty: where the command works.</param>
/// <param name="Pod">Empty: a path here.</param>
internal sealed record CopyPlace(string Namespace, string Pod, string Path)
{
    public bool IsHere => Pod.Length == 0;

    /// <summary>A path here that has a colon begins with a slash or a dot.</summary>
    /// <exception cref="CommandException">It is neither.</exception>
    public static CopyPlace Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (text.Length == 0 || colon == 0) throw Malformed(text);
        if (colon < 0 || text[0] is '/' or '.') return new CopyPlace("", "", text);
        var (names, path) = (text[..colon].Split('/'), text[(colon + 1)..]);
        if (names.Length > 2 || names.Any(name => name.Length == 0) || path.Length == 0) throw Malformed(text);
        return new CopyPlace(names.Length == 2 ? names[0] : "", names[^1], path);
    }

    private static CommandException Malformed(string text) => new($"\"{text}\" is neither a path nor [NAMESPACE/]POD:PATH");
}
