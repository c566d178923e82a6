using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>eventfds as an engine uses them, and waiting for any descriptor with a limit.</summary>
internal static unsafe partial class Events
{
    private const int Limit = 30_000;
    private const int Interrupted = 4;
    private const short Readable = 1;

    public static SafeFileHandle Create()
    {
        var handle = eventfd(0, 0x80800);
        return handle.IsInvalid ? throw new Win32Exception() : handle;
    }

    public static void Signal(SafeFileHandle handle)
    {
        ulong one = 1;
        if (write(handle, &one, sizeof(ulong)) != sizeof(ulong))
        {
            throw new Win32Exception();
        }
    }

    /// <summary>Waits until it has been signalled, and takes all signals.</summary>
    public static void Take(SafeFileHandle handle)
    {
        Await(handle);
        ulong count;
        _ = read(handle, &count, sizeof(ulong));
    }

    public static bool TryTake(SafeFileHandle handle)
    {
        ulong count;
        return read(handle, &count, sizeof(ulong)) == sizeof(ulong);
    }

    public static void Await(SafeFileHandle handle)
    {
        var request = new Poll { Handle = (int)handle.DangerousGetHandle(), Wanted = Readable };
        int ready;
        while ((ready = poll(&request, 1, Limit)) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
            // A child of another test has ended, and the signal of that came to this thread.
        }

        if (ready != 1)
        {
            throw new TimeoutException("nothing came");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle handle, void* data, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle handle, void* data, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(Poll* requests, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Handle;
        public short Wanted;
        public short Got;
    }
}
