using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>memfd_create(2), mmap(2), file seals and the kind of file system behind a descriptor.</summary>
internal static unsafe partial class SharedMemory
{
    public const int PageBytes = 4096;

    private const uint CloseOnExec = 0x1;
    private const uint AllowSealing = 0x2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int SealShrink = 0x2;
    private const int ReadWriteProtection = 0x3;
    private const int Shared = 0x1;
    private const long TmpfsMagic = 0x01021994;

    // glibc's struct statfs has 120 bytes; the type comes first.
    private const int StatusWords = 32;

    public static SafeFileHandle Create(string name, long bytes)
    {
        var handle = memfd_create(name, CloseOnExec | AllowSealing);
        if (handle.IsInvalid || ftruncate(handle, bytes) != 0)
        {
            throw new Win32Exception();
        }

        return handle;
    }

    /// <summary>From here on nobody can take pages away from those who have it mapped.</summary>
    public static void ForbidShrinking(SafeFileHandle handle)
    {
        if (fcntl(handle, AddSeals, SealShrink) != 0)
        {
            throw new Win32Exception();
        }
    }

    public static bool CanShrink(SafeFileHandle handle) => fcntl(handle, GetSeals, 0) is var seals && (seals < 0 || (seals & SealShrink) == 0);

    /// <summary>
    /// Whether pages of the file are memory, of the ordinary size: those of any other file system may be slow, or never come (a file system in user space).
    /// </summary>
    public static bool IsMemory(SafeFileHandle handle)
    {
        Span<long> status = stackalloc long[StatusWords];
        return fstatfs(handle, status) == 0 && status[0] == TmpfsMagic;
    }

    /// <exception cref="Win32Exception">It can't be mapped.</exception>
    public static byte* Map(SafeFileHandle handle, ulong bytes, ulong offset)
    {
        var start = mmap(null, (nuint)bytes, ReadWriteProtection, Shared, handle, (nint)offset);
        return start == (byte*)-1 ? throw new Win32Exception() : start;
    }

    public static void Unmap(byte* start, ulong bytes) => _ = munmap(start, (nuint)bytes);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeFileHandle handle, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle handle, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstatfs(SafeFileHandle handle, Span<long> status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* mmap(byte* wanted, nuint length, int protection, int flags, SafeFileHandle handle, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(byte* start, nuint length);
}
