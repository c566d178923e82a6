namespace Orchestrator.Hypervisor.Images;

/// <summary>Where the bytes of a file are: the entry with this number in this layer.</summary>
internal readonly record struct ContentPlace(int Layer, int Entry);

/// <summary>A file of the tree. A file's other names (hard links) are the same node.</summary>
internal sealed class TreeNode
{
    public required TarEntryKind Kind { get; init; }

    public int Mode { get; set; }

    public long UserId { get; set; }

    public long GroupId { get; set; }

    public long ModifiedSeconds { get; set; }

    /// <summary>A symbolic link's text, never followed on the host.</summary>
    public string Target { get; init; } = "";

    public long Bytes { get; init; }

    public ContentPlace Content { get; init; }

    public Dictionary<string, TreeNode>? Children { get; init; }

    public static TreeNode Folder(int mode) => new() { Kind = TarEntryKind.Folder, Mode = mode, Children = [] };
}
