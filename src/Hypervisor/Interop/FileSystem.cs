using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>The parts of Linux' file API that .NET doesn't offer. Every failure is a <see cref="Win32Exception"/> with the errno.</summary>
internal static partial class FileSystem
{
    private const int ReadWrite = 0x2;
    private const int NonBlocking = 0x800;
    private const int NoFollow = 0x20000;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int Directory = 0x10000;
    private const int EmptyPath = 0x1000;
    private const uint BasicStatus = 0x7FF;
    private const int WouldBlock = 11;
    private const int TypeMask = 0xF000;
    private const int FifoType = 0x1000;
    private const int SocketType = 0xC000;

    public static void SetUmask(int mask) => _ = umask(mask);

    public static void MakeFifo(string path, UnixFileMode mode)
    {
        Check(mkfifo(path, (uint)mode), path);
    }

    /// <summary>Changes owner and group, of a symbolic link itself too.</summary>
    public static void ChangeOwner(string path, long user, long group) => Check(lchown(path, (uint)user, (uint)group), path);

    public static void MakeHardLink(string existing, string path) => Check(link(existing, path), path);

    /// <summary>Both ends of a FIFO at once, so that neither side ever meets an end of file when its peer dies.</summary>
    public static SafeFileHandle OpenFifo(string path)
    {
        var handle = open(path, ReadWrite | NonBlocking | NoFollow | CloseOnExec, 0);
        if (handle.IsInvalid || (Status(handle).Mode & TypeMask) != FifoType)
        {
            var error = handle.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
            handle.Dispose();
            throw new Win32Exception(error, $"{path}: it can't be opened as a FIFO");
        }

        return handle;
    }

    /// <summary>
    /// A path that names exactly the socket found now, and only if <paramref name="owner"/> owns it: what a hostile engine puts in
    /// its place afterwards is not followed. Null if there is no such socket. The path is good while <paramref name="pin"/> is open.
    /// </summary>
    public static string? PinSocket(string path, long owner, out SafeFileHandle pin)
    {
        pin = open(path, PathOnly | NoFollow | CloseOnExec, 0);
        if (pin.IsInvalid)
        {
            return null;
        }

        var status = Status(pin);
        return (status.Mode & TypeMask) == SocketType && status.User == (uint)owner
            ? $"/proc/self/fd/{pin.DangerousGetHandle()}"
            : null;
    }

    /// <summary>Differs between a file and one that has taken its place; null if nothing stands at the path now.</summary>
    public static (ulong Inode, long Seconds, uint Nanoseconds)? Stamp(string path)
    {
        using var handle = open(path, PathOnly | NoFollow | CloseOnExec, 0);
        if (handle.IsInvalid)
        {
            return null;
        }

        var status = Status(handle);
        return (status.Inode, status.ChangedSeconds, status.ChangedNanoseconds);
    }

    public static long OwnerOf(string path)
    {
        using var handle = open(path, PathOnly | NoFollow | CloseOnExec, 0);
        return handle.IsInvalid ? throw new Win32Exception(Marshal.GetLastPInvokeError(), path) : Status(handle).User;
    }

    public static void FlushDirectory(string path)
    {
        using var handle = open(path, Directory | CloseOnExec, 0);
        if (handle.IsInvalid)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), path);
        }

        Check(fsync(handle), path);
    }

    /// <summary>Bytes read, or 0 if there is nothing to read now.</summary>
    public static int ReadAvailable(SafeFileHandle handle, Span<byte> buffer)
    {
        var count = read(handle, buffer, (nuint)buffer.Length);
        return count >= 0 ? (int)count : Marshal.GetLastPInvokeError() == WouldBlock ? 0 : throw new Win32Exception();
    }

    /// <summary>Bytes written, or 0 if there is no room now.</summary>
    public static int WriteAvailable(SafeFileHandle handle, ReadOnlySpan<byte> data)
    {
        var count = write(handle, data, (nuint)data.Length);
        return count >= 0 ? (int)count : Marshal.GetLastPInvokeError() == WouldBlock ? 0 : throw new Win32Exception();
    }

    private static FileStatus Status(SafeFileHandle handle)
    {
        Check(statx(handle, "", EmptyPath, BasicStatus, out var status), "statx");
        return status;
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc")]
    private static partial uint umask(int mask);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle directory, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle handle);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle handle, Span<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle handle, ReadOnlySpan<byte> buffer, nuint count);

    /// <summary>The head of Linux' struct statx, whose layout is the same on every architecture (256 bytes).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        // stx_ctime, after stx_atime and stx_btime of 16 bytes each.
        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;
    }
}
