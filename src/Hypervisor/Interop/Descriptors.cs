using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

internal enum DescriptorKind
{
    Other,
    Event,
    Pipe,
    Socket,
}

/// <summary>Descriptors that others have given us: what they are, and how not to be blocked by them.</summary>
internal static partial class Descriptors
{
    private const int DuplicateCloseOnExec = 1030;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;
    private const int WriteOnly = 0x1;
    private const int CloseOnExec = 0x80000;
    private const long PidfdGetDescriptor = 438;

    public static DescriptorKind KindOf(SafeFileHandle handle)
    {
        var target = File.ResolveLinkTarget(PathOf(handle), returnFinalTarget: false)?.Name ?? "";
        return target.StartsWith("anon_inode:[eventfd]", StringComparison.Ordinal) ? DescriptorKind.Event
            : target.StartsWith("pipe:", StringComparison.Ordinal) ? DescriptorKind.Pipe
            : target.StartsWith("socket:", StringComparison.Ordinal) ? DescriptorKind.Socket
            : DescriptorKind.Other;
    }

    /// <summary>
    /// The write end of a pipe as an open file of our own: the flags of the one that we were given are its owner's too, and could make
    /// us wait.
    /// </summary>
    public static SafeFileHandle? ReopenForWriting(SafeFileHandle pipe)
    {
        var handle = open(PathOf(pipe), WriteOnly | NonBlocking | CloseOnExec, 0);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    public static void MakeNonBlocking(SafeFileHandle handle) => _ = fcntl(handle, SetFlags, fcntl(handle, GetFlags, 0) | NonBlocking);

    /// <param name="least">The copy's number is this or a higher one.</param>
    public static SafeFileHandle Duplicate(SafeFileHandle handle, int least = 0)
    {
        var copy = fcntl(handle, DuplicateCloseOnExec, least);
        return copy >= 0 ? new SafeFileHandle(copy, ownsHandle: true) : throw new Win32Exception();
    }

    /// <summary>A copy of another process' descriptor, or null if it has none of that number, or has gone.</summary>
    public static SafeFileHandle? TakeFrom(SafeFileHandle pidfd, int number)
    {
        var copy = (int)syscall(PidfdGetDescriptor, pidfd.DangerousGetHandle(), number, 0);
        return copy >= 0 ? new SafeFileHandle(copy, ownsHandle: true) : null;
    }

    private static string PathOf(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle handle, int command, int argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint first, long second, long third);
}
