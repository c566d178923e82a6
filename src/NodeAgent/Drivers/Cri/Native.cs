using System.Runtime.InteropServices;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>libc, for what .NET has no call.</summary>
internal static partial class Native
{
    private const int ENOENT = 2;

    /// <exception cref="IOException">It could not be removed, for example because a process is still in the cgroup.</exception>
    public static void RemoveDirectory(string path)
    {
        if (rmdir(path) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error != ENOENT) throw new IOException($"rmdir {path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);
}
