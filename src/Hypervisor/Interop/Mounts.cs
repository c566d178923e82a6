using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>mount(2) and umount2(2), for file systems in memory.</summary>
internal static partial class Mounts
{
    private const int InvalidArgument = 22;
    private const nuint NoSuid = 2;
    private const nuint NoDevices = 4;
    private const nuint NoExecution = 8;
    private const int NoFollow = 8;

    /// <summary>Which is never swapped out, where the kernel can promise that (6.4 and later).</summary>
    public static void MountMemory(string folder, string options)
    {
        if (mount("tmpfs", folder, "tmpfs", NoSuid | NoDevices | NoExecution, $"{options},noswap") != 0
            && (Marshal.GetLastPInvokeError() != InvalidArgument || mount("tmpfs", folder, "tmpfs", NoSuid | NoDevices | NoExecution, options) != 0))
        {
            throw Failed(folder);
        }
    }

    public static void Unmount(string folder)
    {
        if (umount2(folder, NoFollow) != 0)
        {
            throw Failed(folder);
        }
    }

    /// <param name="folder">Without links and without a trailing slash.</param>
    public static bool IsMountPoint(string folder) => File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ')[4] == folder);

    private static IOException Failed(string folder)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{folder}: a file system in memory could not be mounted or unmounted", new Win32Exception(error));
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
