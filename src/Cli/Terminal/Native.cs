using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Terminal;

/// <summary>The C library's calls for terminals and descriptors. Its <c>termios</c> is passed as an opaque buffer.</summary>
internal static partial class Native
{
    /// <summary>More than any platform's <c>struct termios</c> (Linux: 60 bytes).</summary>
    public const int TermiosBytes = 256;

    private const int ApplyAfterOutput = 1; // TCSADRAIN
    private const int Interrupted = 4;      // EINTR
    private static readonly nuint GetWindowSizeRequest = OperatingSystem.IsLinux() ? 0x5413u : 0x40087468u; // TIOCGWINSZ

    public static bool IsTerminal(int descriptor) => isatty(descriptor) == 1;

    /// <summary>The settings now, or null if the descriptor is no terminal.</summary>
    public static byte[]? GetTerminalSettings(int descriptor)
    {
        var settings = new byte[TermiosBytes];
        return tcgetattr(descriptor, settings) == 0 ? settings : null;
    }

    public static bool SetTerminalSettings(int descriptor, byte[] settings)
    {
        int result;
        do
        {
            result = tcsetattr(descriptor, ApplyAfterOutput, settings);
        } while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return result == 0;
    }

    public static byte[] ToRaw(byte[] settings)
    {
        var raw = (byte[])settings.Clone();
        cfmakeraw(raw);
        return raw;
    }

    /// <summary>Null if the descriptor is no terminal or doesn't know its size.</summary>
    public static (int Columns, int Rows)? GetWindowSize(int descriptor)
    {
        var size = new ushort[4];
        if (ioctl(descriptor, GetWindowSizeRequest, size) != 0 || size[1] == 0) return null;
        return (size[1], size[0]);
    }

    /// <exception cref="IOException">The reader is gone (a broken pipe), or the device failed.</exception>
    public static void WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = write(descriptor, bytes, (nuint)bytes.Length);
            if (written < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == Interrupted) continue;
                if (error == WouldBlock)
                {
                    Wait(descriptor, events: 4); // POLLOUT
                    continue;
                }
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
            bytes = bytes[(int)written..];
        }
    }

    /// <summary>Blocks until there is something; 0 at the end.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        while (true)
        {
            var count = read(descriptor, buffer, (nuint)buffer.Length);
            if (count >= 0) return (int)count;
            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock) Wait(descriptor, events: 1); // POLLIN
            else if (error != Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    /// <summary>EPIPE, the HResult of the exception of <see cref="WriteAll"/> when the reader is gone.</summary>
    public const int BrokenPipe = 32;

    private static readonly int WouldBlock = OperatingSystem.IsLinux() ? 11 : 35; // EAGAIN

    private static void Wait(int descriptor, short events)
    {
        var poll = new PollDescriptor { Descriptor = descriptor, Events = events };
        Native.poll(ref poll, 1, -1);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcsetattr(int descriptor, int when, byte[] settings);

    [LibraryImport("libc")]
    private static partial void cfmakeraw([In, Out] byte[] settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, [Out] ushort[] size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, Span<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref PollDescriptor descriptors, nuint count, int timeoutMilliseconds);
}
