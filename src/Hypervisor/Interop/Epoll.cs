using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>epoll(7) and eventfd(2), level-triggered, with a 64-bit key for each registered descriptor.</summary>
internal static partial class Epoll
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Add = 1;
    private const int Delete = 2;
    private const uint Readable = 0x1;
    private const int Interrupted = 4;

    // The kernel packs the struct on x86-64 only.
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static SafeFileHandle Create() => Valid(epoll_create1(CloseOnExec));

    public static SafeFileHandle CreateEvent() => Valid(eventfd(0, CloseOnExec | NonBlocking));

    public static void Watch(SafeFileHandle epoll, SafeFileHandle handle, long key) => Control(epoll, Add, handle, key);

    public static void Forget(SafeFileHandle epoll, SafeFileHandle handle) => Control(epoll, Delete, handle, 0);

    /// <summary>Blocks until something is readable, then fills <paramref name="keys"/> and returns how many.</summary>
    public static int Wait(SafeFileHandle epoll, Span<long> keys)
    {
        Span<byte> events = stackalloc byte[keys.Length * EventBytes];
        var count = epoll_wait(epoll, events, keys.Length, -1);
        if (count < 0)
        {
            return Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw new Win32Exception();
        }

        for (var i = 0; i < count; i++)
        {
            keys[i] = MemoryMarshal.Read<long>(events[((i + 1) * EventBytes - sizeof(long))..]);
        }

        return count;
    }

    private static void Control(SafeFileHandle epoll, int operation, SafeFileHandle handle, long key)
    {
        Span<byte> data = stackalloc byte[EventBytes];
        data.Clear();
        MemoryMarshal.Write(data, Readable);
        MemoryMarshal.Write(data[(EventBytes - sizeof(long))..], key);
        if (epoll_ctl(epoll, operation, handle, data) != 0)
        {
            throw new Win32Exception();
        }
    }

    private static SafeFileHandle Valid(SafeFileHandle handle) => handle.IsInvalid ? throw new Win32Exception() : handle;

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(SafeFileHandle epoll, int operation, SafeFileHandle handle, Span<byte> data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(SafeFileHandle epoll, Span<byte> events, int count, int timeout);
}
