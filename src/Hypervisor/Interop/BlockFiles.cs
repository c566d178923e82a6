using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>preadv(2), pwritev(2) and fallocate(2), for files whose pages are memory. Errors are negative errno values.</summary>
internal static unsafe partial class BlockFiles
{
    public const int InputOutputError = 5;
    public const int NoSpace = 28;
    public const int NotSupported = 95;

    /// <summary>fallocate(2): FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE.</summary>
    public const int PunchHole = 0x3;

    /// <summary>fallocate(2): FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE.</summary>
    public const int ZeroRange = 0x11;

    public static long Read(SafeFileHandle handle, IoVector* vectors, int count, ulong offset) =>
        Result(preadv(handle, vectors, count, (nint)offset));

    public static long Write(SafeFileHandle handle, IoVector* vectors, int count, ulong offset) =>
        Result(pwritev(handle, vectors, count, (nint)offset));

    public static long Allocate(SafeFileHandle handle, int mode, ulong offset, ulong bytes) =>
        Result(fallocate(handle, mode, (nint)offset, (nint)bytes));

    private static long Result(nint result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint preadv(SafeFileHandle handle, IoVector* vectors, int count, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwritev(SafeFileHandle handle, IoVector* vectors, int count, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle handle, int mode, nint offset, nint length);
}
