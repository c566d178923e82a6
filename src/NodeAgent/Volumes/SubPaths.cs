using Microsoft.Win32.SafeHandles;
using Orchestrator.NodeAgent.Configuration;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>
/// A part of a volume, shown at a place of its own. Whoever writes in the volume may put a link in the way, before or while this looks;
/// so it goes down step by step, through no link, and mounts the very file that it arrived at.
/// </summary>
internal static class SubPaths
{
    private const uint FolderMode = 0b111_101_101;

    /// <exception cref="ConfigurationProblemException">The path leads through a link.</exception>
    public static void Show(string volume, string subPath, string at)
    {
        using var found = Walk(volume, subPath);
        // What an earlier run of the container was shown.
        if (FileSystem.KindOf(at) != FileKind.Absent && FileSystem.IsMountPoint(at)) FileSystem.Unmount(at);
        var isFolder = FileSystem.KindOf(found) == FileKind.Directory;
        if (isFolder && File.Exists(at)) File.Delete(at);
        if (!isFolder && Directory.Exists(at)) Directory.Delete(at);
        Directory.CreateDirectory(isFolder ? at : Path.GetDirectoryName(at)!);
        if (!isFolder && !File.Exists(at)) File.Create(at).Dispose();
        FileSystem.MountAt(found, at);
    }

    private static SafeFileHandle Walk(string volume, string subPath)
    {
        var place = FileSystem.OpenPlace(volume);
        foreach (var name in subPath.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == ".") continue;
            using var from = place;
            if (name == "..") throw new ConfigurationProblemException($"subPath \"{subPath}\" must not contain '..'");
            if (FileSystem.Step(from, name) is not { } next)
            {
                FileSystem.MakeFolder(from, name, FolderMode);
                next = FileSystem.Step(from, name) ?? throw new ConfigurationProblemException($"subPath \"{subPath}\" vanished while it was opened");
            }

            place = next;
            if (FileSystem.KindOf(place) != FileKind.Link) continue;
            place.Dispose();
            throw new ConfigurationProblemException($"subPath \"{subPath}\" leads through a symbolic link");
        }

        return place;
    }
}
