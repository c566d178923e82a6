using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>sigaction(2) with handlers that are machine code, and executable pages to put them into.</summary>
internal static unsafe partial class Signals
{
    public const int BusError = 7;

    private const int Read = 0x1;
    private const int Write = 0x2;
    private const int Execute = 0x4;
    private const int PrivateAnonymous = 0x22;

    // glibc's struct sigaction on 64 bits: the handler, 128 bytes of mask, flags (int), the restorer.
    private const int ActionBytes = 152;
    private const int FlagsOffset = 136;
    private const int WithInformation = 0x4;

    /// <summary>Pages of zeros that nobody else has.</summary>
    public static byte* AllocatePages(int bytes)
    {
        var start = mmap(null, (nuint)bytes, Read | Write, PrivateAnonymous, -1, 0);
        return start == (byte*)-1 ? throw new Win32Exception() : start;
    }

    /// <summary>From here on the page can be executed, and not written.</summary>
    public static void MakeExecutable(byte* page, int bytes)
    {
        if (mprotect(page, (nuint)bytes, Read | Execute) != 0)
        {
            throw new Win32Exception();
        }
    }

    /// <summary>The handler that is there now, which the runtime has installed with the flags that it needs.</summary>
    public static nint CurrentHandler(int signal)
    {
        var action = stackalloc byte[ActionBytes];
        return sigaction(signal, null, action) == 0 ? *(nint*)action : throw new Win32Exception();
    }

    /// <summary>Replaces the handler and keeps its mask and flags: the alternate stack above all.</summary>
    public static void ReplaceHandler(int signal, byte* code)
    {
        var action = stackalloc byte[ActionBytes];
        if (sigaction(signal, null, action) != 0)
        {
            throw new Win32Exception();
        }

        *(byte**)action = code;
        *(int*)(action + FlagsOffset) |= WithInformation;
        if (sigaction(signal, action, null) != 0)
        {
            throw new Win32Exception();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sigaction(int signal, byte* action, byte* previous);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* mmap(byte* wanted, nuint length, int protection, int flags, int handle, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(byte* start, nuint length, int protection);
}
