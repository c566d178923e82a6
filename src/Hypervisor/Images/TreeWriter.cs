using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Images;

/// <summary>
/// Writes a tree into an empty folder of the host. While files are written no symbolic link exists yet and every folder was made
/// by us, so no path leads outside; every file is created new.
/// </summary>
internal sealed class TreeWriter
{
    private const int CopyBytes = 128 * 1024;
    private const int InodeOverheadBytes = 512;
    private const int BlockBytes = 4096;

    private readonly Dictionary<ContentPlace, (string Path, TreeNode Node)> _files = [];
    private readonly Dictionary<TreeNode, string> _firstNames = [];
    private readonly List<(string Existing, string Path)> _hardLinks = [];
    private readonly List<(string Path, TreeNode Node)> _others = [];
    private readonly List<(string Path, TreeNode Node)> _folders = [];
    private readonly byte[] _buffer = new byte[CopyBytes];

    public TreeWriter(string root, TreeNode tree)
    {
        Plan(root, tree);
    }

    public int Inodes => _folders.Count + _files.Count + _others.Count;

    /// <summary>What the tree takes in a file system of 4 KiB blocks, at most.</summary>
    public long Bytes =>
        _files.Values.Sum(file => (file.Node.Bytes + BlockBytes - 1) / BlockBytes * BlockBytes)
        + (long)_folders.Count * BlockBytes
        + (long)Inodes * InodeOverheadBytes;

    public void MakeFolders()
    {
        foreach (var (path, _) in _folders)
        {
            Directory.CreateDirectory(path);
        }
    }

    /// <summary>Writes the file that stands at this place of a layer, if the tree still has it.</summary>
    public async Task WriteAsync(ContentPlace place, TarStream content, CancellationToken cancellation)
    {
        if (!_files.TryGetValue(place, out var file))
        {
            return;
        }

        await using (var target = new FileStream(file.Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            int read;
            while ((read = await content.ReadAsync(_buffer, cancellation)) > 0)
            {
                await target.WriteAsync(_buffer.AsMemory(0, read), cancellation);
            }
        }

        SetAttributes(file.Path, file.Node);
    }

    public void Finish()
    {
        foreach (var (existing, path) in _hardLinks)
        {
            FileSystem.MakeHardLink(existing, path);
        }

        foreach (var (path, node) in _others)
        {
            if (node.Kind is TarEntryKind.Fifo)
            {
                FileSystem.MakeFifo(path, DataDirectory.PrivateFile);
                SetAttributes(path, node);
            }
            else
            {
                File.CreateSymbolicLink(path, node.Target);
                FileSystem.ChangeOwner(path, node.UserId, node.GroupId);
            }
        }

        // Innermost first: what is made in a folder changes its time.
        foreach (var (path, node) in Enumerable.Reverse(_folders))
        {
            SetAttributes(path, node);
        }
    }

    private void Plan(string rootPath, TreeNode root)
    {
        // A stack, not recursion: the depth is the image's choice.
        var pending = new Stack<(string Path, TreeNode Node)>([(rootPath, root)]);
        while (pending.TryPop(out var next))
        {
            var (path, node) = next;
            if (node.Children is not null)
            {
                _folders.Add(next);
                foreach (var (name, child) in node.Children)
                {
                    pending.Push(($"{path}/{name}", child));
                }
            }
            else if (!_firstNames.TryAdd(node, path))
            {
                _hardLinks.Add((_firstNames[node], path));
            }
            else if (node.Kind is TarEntryKind.File)
            {
                _files.Add(node.Content, next);
            }
            else
            {
                _others.Add(next);
            }
        }
    }

    private static void SetAttributes(string path, TreeNode node)
    {
        FileSystem.ChangeOwner(path, node.UserId, node.GroupId);
        File.SetUnixFileMode(path, (UnixFileMode)node.Mode); // after the owner, whose change clears set-user-id
        var seconds = Math.Clamp(node.ModifiedSeconds, 0, int.MaxValue);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(seconds));
    }
}
