using System.Globalization;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>
/// A folder whose files change all at once, laid out as kubelet's:
/// <code>
///   key     -> ..data/key      what the container reads
///   ..data  -> ..7             swapped by one rename
///   ..7/key                    the files of this version
/// </code>
/// Whatever a version was cut off at, the next one finds its way.
/// </summary>
internal static class AtomicFolder
{
    private const string Data = "..data";
    private const UnixFileMode FolderMode = (UnixFileMode)0b111_101_101;

    /// <summary>False if the files were so already.</summary>
    public static bool Write(string folder, IReadOnlyDictionary<string, VolumeFile> files)
    {
        var current = CurrentOf(folder);
        if (current is not null && IsSame(Path.Join(folder, current), files)) return false;
        var next = $"..{NumberOf(current) + 1}";
        Clear(folder, except: current);
        WriteFiles(Path.Join(folder, next), files);

        var link = Path.Join(folder, $"{Data}.next");
        File.CreateSymbolicLink(link, next);
        FileSystem.Rename(link, Path.Join(folder, Data));
        LinkNames(folder, files.Keys.Select(path => path.Split('/')[0]).ToHashSet(StringComparer.Ordinal));
        Clear(folder, except: next);
        return true;
    }

    /// <summary>Where a file of this version is by itself, without a link on the way.</summary>
    public static string? Resolve(string folder, string path) => CurrentOf(folder) is { } current ? Path.Join(folder, current, path) : null;

    public static bool IsWritten(string folder) => CurrentOf(folder) is not null;

    private static string? CurrentOf(string folder) => new FileInfo(Path.Join(folder, Data)).LinkTarget;

    private static int NumberOf(string? version) =>
        version is not null && int.TryParse(version.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool IsSame(string version, IReadOnlyDictionary<string, VolumeFile> files)
    {
        var there = Directory.EnumerateFiles(version, "*", SearchOption.AllDirectories).Count();
        return there == files.Count && files.All(file => Path.Join(version, file.Key) is var path && File.Exists(path)
            && File.GetUnixFileMode(path) == file.Value.Mode && File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Value.Content.Span));
    }

    private static void WriteFiles(string version, IReadOnlyDictionary<string, VolumeFile> files)
    {
        MakeFolder(version);
        foreach (var (path, file) in files)
        {
            var target = Path.Join(version, path);
            MakeFolder(Path.GetDirectoryName(target)!);
            using (var stream = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserWrite }))
                stream.Write(file.Content.Span);
            // The mask of this process has no say in it.
            File.SetUnixFileMode(target, file.Mode);
        }
    }

    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        MakeFolder(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, FolderMode);
    }

    private static void LinkNames(string folder, HashSet<string> names)
    {
        foreach (var name in names)
            if (new FileInfo(Path.Join(folder, name)).LinkTarget is null) File.CreateSymbolicLink(Path.Join(folder, name), $"{Data}/{name}");
        foreach (var link in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            if (!link.Name.StartsWith("..", StringComparison.Ordinal) && !names.Contains(link.Name)) link.Delete();
    }

    private static void Clear(string folder, string? except)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("..*"))
        {
            if (entry.Name == except || entry.Name == Data) continue;
            if (entry is DirectoryInfo { LinkTarget: null } version) version.Delete(recursive: true);
            else entry.Delete();
        }
    }
}
