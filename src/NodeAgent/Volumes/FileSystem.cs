using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.NodeAgent.Volumes;

internal enum FileKind
{
    Absent,
    Directory,
    File,
    Link,
    Socket,
    CharacterDevice,
    BlockDevice,
    Other,
}

/// <summary>Mounts, and paths taken step by step: libc, for what .NET has no call.</summary>
internal static partial class FileSystem
{
    private const int ENOENT = 2;
    private const int EEXIST = 17;
    private const int EINVAL = 22;
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int NoFollow = 0x100;
    private const int OpenPathOnly = 0x200000 | 0x80000; // O_PATH | O_CLOEXEC
    private const int OpenNoFollow = 0x20000;
    private const ulong NoSuid = 2;
    private const ulong NoDevices = 4;
    private const ulong Bind = 4096;
    private const int UnmountNoFollow = 8;
    private const int ModeOffset = 28;
    private const uint StatType = 1;

    /// <summary>A file system in memory, which is never swapped out where the kernel can promise that.</summary>
    public static void MountMemory(string folder, string options)
    {
        if (mount("tmpfs", folder, "tmpfs", NoSuid | NoDevices, $"{options},noswap") == 0) return;
        if (Marshal.GetLastPInvokeError() != EINVAL || mount("tmpfs", folder, "tmpfs", NoSuid | NoDevices, options) != 0) throw Failed("mount tmpfs", folder);
    }

    /// <summary>Shows what an open handle is for at another place too.</summary>
    public static void MountAt(SafeFileHandle source, string target)
    {
        if (mount($"/proc/self/fd/{source.DangerousGetHandle()}", target, null, Bind, null) != 0) throw Failed("mount", target);
    }

    public static void Unmount(string target)
    {
        if (umount2(target, UnmountNoFollow) != 0) throw Failed("unmount", target);
    }

    /// <summary>The mounts at or below a folder, the innermost first.</summary>
    public static IReadOnlyList<string> MountsWithin(string folder)
    {
        var real = RealPath(folder);
        return [.. File.ReadLines("/proc/self/mountinfo").Select(line => Unescaped(line.Split(' ')[4]))
            .Where(point => point == real || point.StartsWith(real + "/", StringComparison.Ordinal)).Reverse()];
    }

    public static bool IsMountPoint(string folder) => MountsWithin(folder).Contains(RealPath(folder));

    /// <summary>A handle that says which file it is and nothing more. Links on the way are followed.</summary>
    public static SafeFileHandle OpenPlace(string path) => Opened(open(path, OpenPathOnly), path);

    /// <summary>One step down from a place, never through a link: a link is opened as itself. Null if there is nothing of that name.</summary>
    public static SafeFileHandle? Step(SafeFileHandle from, string name)
    {
        var handle = openat(from, name, OpenPathOnly | OpenNoFollow);
        return handle < 0 && Marshal.GetLastPInvokeError() == ENOENT ? null : Opened(handle, name);
    }

    public static void MakeFolder(SafeFileHandle within, string name, uint mode)
    {
        if (mkdirat(within, name, mode) != 0 && Marshal.GetLastPInvokeError() != EEXIST) throw Failed("mkdir", name);
    }

    public static FileKind KindOf(SafeFileHandle place) => KindOf((int)place.DangerousGetHandle(), "", EmptyPath | NoFollow);

    /// <summary>What is at a path, links followed.</summary>
    public static FileKind KindOf(string path) => KindOf(CurrentDirectory, path, 0);

    /// <summary>Puts one name in the place of another in one step; a link is moved as itself.</summary>
    public static void Rename(string from, string to)
    {
        if (rename(from, to) != 0) throw Failed("rename", from);
    }

    private static unsafe FileKind KindOf(int folder, string path, int flags)
    {
        var found = stackalloc byte[256];
        if (statx(folder, path, flags, StatType, found) != 0)
            return Marshal.GetLastPInvokeError() == ENOENT ? FileKind.Absent : throw Failed("stat", path);
        return (*(ushort*)(found + ModeOffset) & 0xF000) switch
        {
            0x4000 => FileKind.Directory,
            0x8000 => FileKind.File,
            0xA000 => FileKind.Link,
            0xC000 => FileKind.Socket,
            0x2000 => FileKind.CharacterDevice,
            0x6000 => FileKind.BlockDevice,
            _ => FileKind.Other,
        };
    }

    // Space, tab, line feed and backslash stand there as \040, \011, \012 and \134.
    private static string Unescaped(string path) => EscapedByte().Replace(path, match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex EscapedByte();

    private static string RealPath(string path)
    {
        var real = realpath(path, 0);
        if (real == 0) throw Failed("realpath", path);
        try
        {
            return Marshal.PtrToStringUTF8(real)!;
        }
        finally
        {
            free(real);
        }
    }

    private static SafeFileHandle Opened(int handle, string path) => handle >= 0 ? new SafeFileHandle(handle, ownsHandle: true) : throw Failed("open", path);

    private static IOException Failed(string what, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what} {path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdirat(SafeFileHandle folder, string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* found);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, nint resolved);

    [LibraryImport("libc")]
    private static partial void free(nint memory);
}
