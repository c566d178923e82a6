namespace Orchestrator.Hypervisor.Images;

/// <summary>
/// The file tree that an image's layers make together, in memory only: later layers replace earlier ones, <c>.wh.name</c> deletes,
/// <c>.wh..wh..opq</c> empties a folder (image-spec, layer.md). All names are resolved inside this tree, so nothing that a layer
/// says can reach a file of the host.
/// </summary>
internal sealed class LayerTree
{
    private const int MostLinks = 40;
    private const long MostSteps = 64_000_000;
    private const int DefaultFolderMode = 0x1ED; // 0755

    private readonly ImageLimits _limits;
    private int _entries;
    private long _bytes;
    private long _nameBytes;
    private long _steps;

    // What this layer put or passed is not its own whiteouts' to delete, in whichever order they come.
    private readonly HashSet<TreeNode> _ofThisLayer = [];
    private readonly HashSet<TreeNode> _emptied = [];

    public LayerTree(ImageLimits limits)
    {
        _limits = limits;
    }

    public TreeNode Root { get; } = TreeNode.Folder(DefaultFolderMode);

    public void BeginLayer()
    {
        _ofThisLayer.Clear();
        _emptied.Clear();
    }

    public void Apply(TarEntry entry, ContentPlace place)
    {
        Count(entry);
        var parts = LayerPath.Split(entry.Name, _limits);
        if (parts.Length == 0)
        {
            SetAttributes(Root, entry);
            return;
        }

        if (parts[..^1].Any(LayerPath.IsMarker))
        {
            // Some old layers hold a union file system's own bookkeeping.
            return;
        }

        var name = parts[^1];
        var parent = FolderAt(parts.AsSpan(..^1), entry.Name);
        if (name == LayerPath.OpaqueMarker)
        {
            Empty(parent);
        }
        else if (LayerPath.IsMarker(name))
        {
            Delete(parent, name[LayerPath.WhiteoutPrefix.Length..]);
        }
        else
        {
            Put(parent, name, entry, place);
        }
    }

    /// <summary>The node that a path names inside the tree, links followed; null if there is none.</summary>
    public TreeNode? Find(string path)
    {
        try
        {
            return Walk(LayerPath.Split(path, _limits), path, make: false);
        }
        catch (InvalidImageException)
        {
            // A path inside the image may lead nowhere; that is for the caller to judge.
            return null;
        }
    }

    /// <summary>The file of that name; its last part is not followed, since a symbolic link may have several names too.</summary>
    private TreeNode? FindFile(string path)
    {
        var parts = LayerPath.Split(path, _limits);
        return parts.Length > 0
            && Walk(parts[..^1], path, make: false) is { Children: { } children }
            && children.TryGetValue(parts[^1], out var node)
            && node.Kind is not TarEntryKind.Folder
                ? node
                : null;
    }

    /// <summary>A folder that the guest needs, even if no layer has it.</summary>
    public void Ensure(string name, int mode)
    {
        if (!Root.Children!.ContainsKey(name))
        {
            Root.Children[name] = TreeNode.Folder(mode);
        }
    }

    private void Put(TreeNode parent, string name, TarEntry entry, ContentPlace place)
    {
        var siblings = parent.Children!;
        var existing = siblings.GetValueOrDefault(name);
        switch (entry.Kind)
        {
            case TarEntryKind.Other:
                // Device nodes: the guest's /dev comes from its own kernel. What stood there is replaced all the same.
                siblings.Remove(name);
                return;
            case TarEntryKind.HardLink:
                var target = FindFile(entry.Target)
                    ?? throw new InvalidImageException($"{entry.Name}: a hard link to {entry.Target}, which is no file of the image");
                siblings[name] = target;
                _ofThisLayer.Add(target);
                return;
            case TarEntryKind.Folder when existing?.Kind is TarEntryKind.Folder:
                SetAttributes(existing, entry);
                _ofThisLayer.Add(existing);
                return;
        }

        var made = new TreeNode
        {
            Kind = entry.Kind,
            Target = entry.Target,
            Bytes = entry.Bytes,
            Content = place,
            Children = entry.Kind is TarEntryKind.Folder ? [] : null,
        };
        SetAttributes(made, entry);
        siblings[name] = made;
        _ofThisLayer.Add(made);
    }

    private TreeNode FolderAt(ReadOnlySpan<string> parts, string path) =>
        Walk(parts.ToArray(), path, make: true) is { Kind: TarEntryKind.Folder } folder
            ? folder
            : throw new InvalidImageException($"{path}: a part of it is no folder");

    /// <summary>Follows every link, the last part's too, from the tree's root; <c>..</c> of the root is the root.</summary>
    private TreeNode? Walk(string[] parts, string path, bool make)
    {
        var pending = new Stack<string>(parts.Reverse());
        List<TreeNode> way = [Root];
        var links = 0;
        while (pending.TryPop(out var part))
        {
            if (++_steps > MostSteps)
            {
                throw new InvalidImageException("the layers' paths and links take too long to follow");
            }

            if (part == "..")
            {
                way.RemoveRange(Math.Max(1, way.Count - 1), way.Count > 1 ? 1 : 0);
                continue;
            }

            if (way[^1].Children is not { } children)
            {
                throw new InvalidImageException($"{path}: a part of it is no folder");
            }

            if (!children.TryGetValue(part, out var next))
            {
                if (!make)
                {
                    return null;
                }

                CountNode();
                LayerPath.Check(part, path);
                if (LayerPath.IsMarker(part))
                {
                    throw new InvalidImageException($"{path}: a link to a whiteout");
                }

                next = TreeNode.Folder(DefaultFolderMode);
                children.Add(part, next);
            }

            if (next.Kind is not TarEntryKind.SymbolicLink)
            {
                way.Add(next);
                continue;
            }

            if (++links > MostLinks)
            {
                throw new InvalidImageException($"{path}: too many symbolic links");
            }

            if (next.Target.StartsWith('/'))
            {
                way.RemoveRange(1, way.Count - 1);
            }

            foreach (var step in next.Target.Split('/').Where(step => step is not ("" or ".")).Reverse())
            {
                pending.Push(step);
            }
        }

        if (make)
        {
            _ofThisLayer.UnionWith(way);
        }

        return way[^1];
    }

    private void Delete(TreeNode parent, string name)
    {
        if (!parent.Children!.TryGetValue(name, out var found))
        {
            return;
        }

        if (!_ofThisLayer.Contains(found))
        {
            parent.Children.Remove(name);
        }
        else if (found.Children is not null)
        {
            Empty(found);
        }
    }

    private void Empty(TreeNode folder)
    {
        if (!_emptied.Add(folder))
        {
            return;
        }

        foreach (var (name, child) in folder.Children!.ToList())
        {
            if (!_ofThisLayer.Contains(child))
            {
                folder.Children!.Remove(name);
            }
            else if (child.Children is not null)
            {
                Empty(child);
            }
        }
    }

    private void Count(TarEntry entry)
    {
        CountNode();
        _nameBytes += entry.Name.Length + entry.Target.Length;
        if (_nameBytes > _limits.NameBytes || entry.Target.Length > _limits.PathBytes)
        {
            throw new InvalidImageException("the layers' names or links are too long");
        }

        _bytes += entry.Bytes;
        if (_bytes > _limits.UnpackedBytes)
        {
            throw new InvalidImageException($"the layers hold more than {_limits.UnpackedBytes} bytes");
        }
    }

    private void CountNode()
    {
        if (++_entries > _limits.Entries)
        {
            throw new InvalidImageException($"the layers hold more than {_limits.Entries} entries");
        }
    }

    private static void SetAttributes(TreeNode node, TarEntry entry)
    {
        node.Mode = entry.Mode;
        node.UserId = entry.UserId;
        node.GroupId = entry.GroupId;
        node.ModifiedSeconds = entry.ModifiedSeconds;
    }
}
