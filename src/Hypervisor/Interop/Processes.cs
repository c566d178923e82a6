using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>
/// What a spawned program gets: its own session, these three descriptors and those it inherits (from number 3 on), this folder, this
/// environment, default signals.
/// </summary>
internal sealed record SpawnRequest(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string WorkingFolder,
    string Input,
    string Output,
    string Error,
    IReadOnlyList<SafeFileHandle> Inherited);

/// <summary>posix_spawn(3), pidfd_open(2), waitid(2) and signals.</summary>
internal static partial class Processes
{
    private const int KillSignal = 9;
    private const int WaitByPidfd = 3;
    private const int WaitNoHang = 1;
    private const int WaitExited = 4;
    private const int ExitedNormally = 1;
    private const int OpenReadWrite = 0x2;
    private const int OpenNonBlocking = 0x800;
    private const short SetSession = 0x80;
    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const long PidfdOpen = 434;

    /// <summary>The number of the first descriptor that a program inherits beyond the standard ones.</summary>
    public const int FirstInherited = 3;

    // Above all that a program inherits, so that no copy hits what is still to be copied.
    private const int Parking = 64;

    // glibc's types are 80, 336 and 128 bytes.
    private const int OpaqueBytes = 512;

    public static bool IsRoot => geteuid() == 0;

    /// <summary>Starts a program that outlives us. Standard error is opened non-blocking: its messages may be lost, never block it.</summary>
    public static unsafe int Spawn(SpawnRequest request)
    {
        // Sound: every buffer is larger than glibc's type, lives on this stack for the whole call and is destroyed after it.
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[OpaqueBytes];
        Check(posix_spawn_file_actions_init(actions));
        Check(posix_spawnattr_init(attributes));
        using var arguments = new NativeStrings([request.Program, .. request.Arguments]);
        using var environment = new NativeStrings(request.Environment);
        var inherited = request.Inherited.Select(handle => Descriptors.Duplicate(handle, Parking)).ToArray();
        try
        {
            for (var i = 0; i < inherited.Length; i++)
            {
                Check(posix_spawn_file_actions_adddup2(actions, (int)inherited[i].DangerousGetHandle(), FirstInherited + i));
            }

            Check(posix_spawn_file_actions_addopen(actions, 0, request.Input, OpenReadWrite, 0));
            Check(posix_spawn_file_actions_addopen(actions, 1, request.Output, OpenReadWrite, 0));
            Check(posix_spawn_file_actions_addopen(actions, 2, request.Error, OpenReadWrite | OpenNonBlocking, 0));
            Check(posix_spawn_file_actions_addchdir_np(actions, request.WorkingFolder));
            _ = sigemptyset(signals);
            Check(posix_spawnattr_setsigmask(attributes, signals));
            _ = sigfillset(signals);
            Check(posix_spawnattr_setsigdefault(attributes, signals));
            Check(posix_spawnattr_setflags(attributes, SetSession | SetDefaultSignals | SetSignalMask));
            Check(posix_spawn(out var pid, request.Program, actions, attributes, arguments.Pointer, environment.Pointer));
            return pid;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
            Array.ForEach(inherited, handle => handle.Dispose());
        }
    }

    /// <summary>A descriptor that becomes readable when the process ends, or null if it has gone.</summary>
    public static SafeFileHandle? Open(int pid)
    {
        var handle = new SafeFileHandle((nint)syscall(PidfdOpen, pid, 0), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>
    /// Takes a child that has ended from the process table. Its exit code, 128 + the signal if one killed it; null if it isn't our
    /// child (we adopted it) or still runs.
    /// </summary>
    public static int? Reap(SafeFileHandle pidfd)
    {
        Span<int> information = stackalloc int[32];
        information.Clear();
        if (waitid(WaitByPidfd, (uint)pidfd.DangerousGetHandle(), information, WaitExited | WaitNoHang) != 0 || information[0] == 0)
        {
            return null;
        }

        // siginfo_t: signo, errno, code, (padding), pid, uid, status.
        return information[2] == ExitedNormally ? information[6] : 128 + information[6];
    }

    public static void Kill(int pid) => _ = kill(pid, KillSignal);

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn_file_actions_addopen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int wanted);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static unsafe partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static unsafe partial int sigfillset(byte* signals);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn(
        out int pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, long second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int type, uint id, Span<int> information, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    /// <summary>A null-terminated array of UTF-8 strings.</summary>
    private sealed unsafe class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> values)
        {
            _count = values.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var size = Encoding.UTF8.GetByteCount(values[i]);
                Pointer[i] = (byte*)NativeMemory.AllocZeroed((nuint)size + 1);
                Encoding.UTF8.GetBytes(values[i], new Span<byte>(Pointer[i], size));
            }
        }

        // Sound: allocated with room for _count pointers and the final null; freed once, by Dispose.
        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                NativeMemory.Free(Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}
