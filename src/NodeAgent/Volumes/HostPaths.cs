using Orchestrator.NodeAgent.Configuration;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>Sees that a place of the host is what the pod says it is, and makes it where the pod says so.</summary>
internal static class HostPaths
{
    private const UnixFileMode FolderMode = (UnixFileMode)0b111_101_101;
    private const UnixFileMode FileMode = (UnixFileMode)0b110_100_100;

    /// <exception cref="ConfigurationProblemException">It is something else.</exception>
    public static void Check(HostPathVolumeSource source)
    {
        if (source.Type.Length == 0) return;
        var found = FileSystem.KindOf(source.Path);
        if (found == FileKind.Absent && source.Type == "DirectoryOrCreate")
        {
            Directory.CreateDirectory(source.Path, FolderMode);
            return;
        }

        if (found == FileKind.Absent && source.Type == "FileOrCreate")
        {
            using var made = new FileStream(
                source.Path, new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = FileMode });
            return;
        }

        var (wanted, noun) = source.Type switch
        {
            "Directory" or "DirectoryOrCreate" => (FileKind.Directory, "a directory"),
            "File" or "FileOrCreate" => (FileKind.File, "a file"),
            "Socket" => (FileKind.Socket, "a socket file"),
            "CharDevice" => (FileKind.CharacterDevice, "a character device"),
            _ => (FileKind.BlockDevice, "a block device"),
        };
        if (found != wanted) throw new ConfigurationProblemException($"hostPath type check failed: {source.Path} is not {noun}");
    }
}
