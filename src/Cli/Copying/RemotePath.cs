namespace Orchestrator.Cli.Copying;

/// <summary>A path in a container as tar takes it: the folder to go to, and a name in it.</summary>
/// <param name="Name">A dot where the path has no name of its own (<c>/</c>, <c>.</c>, <c>a/..</c>): then it is the folder itself.</param>
internal readonly record struct RemotePath(string Folder, string Name)
{
    public bool IsFolder => Name == ".";

    public static RemotePath Split(string path)
    {
        var trimmed = path.TrimEnd('/');
        if (trimmed.Length == 0) return new RemotePath("/", ".");
        var slash = trimmed.LastIndexOf('/');
        var name = trimmed[(slash + 1)..];
        if (name is "." or "..") return new RemotePath(trimmed, ".");
        return new RemotePath(slash < 0 ? "." : slash == 0 ? "/" : trimmed[..slash], name);
    }
}
