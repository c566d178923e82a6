using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>fallocate(2) and lseek(2): room of a file given back to the host, and where it has any.</summary>
internal static partial class FileSpace
{
    private const int KeepSize = 1;
    private const int Hole = 2;
    private const int NotSupported = 95;
    private const int Interrupted = 4;
    private const int NoSuchPlace = 6;
    private const int SeekData = 3;
    private const int SeekHole = 4;

    /// <summary>Whether the file system can.</summary>
    public static bool PunchHole(SafeFileHandle file, long offset, long length)
    {
        while (fallocate(file, KeepSize | Hole, offset, length) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    continue;
                case NotSupported:
                    return false;
                case var error:
                    throw new IOException($"fallocate: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
            }
        }

        return true;
    }

    /// <summary>The stretches of a file that are no holes; all of it if the file system doesn't tell.</summary>
    public static IEnumerable<(long Start, long End)> DataOf(SafeFileHandle file)
    {
        for (var start = Seek(file, 0, SeekData); start >= 0;)
        {
            var end = Seek(file, start, SeekHole);
            yield return (start, end);
            start = Seek(file, end, SeekData);
        }
    }

    /// <summary>Negative at the end.</summary>
    private static long Seek(SafeFileHandle file, long offset, int whence)
    {
        var found = lseek(file, offset, whence);
        return found >= 0 || Marshal.GetLastPInvokeError() == NoSuchPlace
            ? found
            : throw new IOException($"lseek: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);
}
