using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>What came in one piece: bytes, 0 at the end of the stream, or nothing for now; and the descriptors that came with it.</summary>
internal readonly record struct Received(int Bytes, bool IsNothingYet, bool IsCutOff);

/// <summary>unix(7) sockets that carry descriptors (SCM_RIGHTS). .NET's own can't. None of them ever blocks.</summary>
internal static unsafe partial class UnixSockets
{
    /// <summary>The kernel's SCM_MAX_FD.</summary>
    public const int MostDescriptors = 253;

    private const int Unix = 1;
    private const int Stream = 1;
    private const int Datagram = 2;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int PeerCredentials = 17;
    private const int SendBufferForce = 32;
    public const int NoSignal = 0x4000;
    public const int DontWait = 0x40;
    private const int CloseOnExecReceived = 0x40000000;
    private const int DataCutOff = 0x20;
    private const int ControlCutOff = 0x8;
    private const int ControlHeaderBytes = 16;
    private const int PathOnly = 0x200000;
    private const int Folder = 0x10000;
    private const int Peek = 0x2;
    private const int TryAgain = 11;
    private const int Interrupted = 4;
    private const int AddressBytes = 110;

    /// <summary>A socket that listens at the path. What was there is removed.</summary>
    public static SafeFileHandle Listen(string path)
    {
        var handle = Valid(socket(Unix, Stream | CloseOnExec | NonBlocking, 0));
        File.Delete(path);

        // By its folder's descriptor: the whole path may be longer than an address can be.
        using var folder = Valid(open(Path.GetDirectoryName(path)!, PathOnly | Folder | CloseOnExec, 0));
        Span<byte> address = stackalloc byte[AddressBytes];
        var length = Address($"/proc/self/fd/{folder.DangerousGetHandle()}/{Path.GetFileName(path)}", address);
        if (bind(handle, address, length) != 0 || listen(handle, 4) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw new Win32Exception(error, $"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return handle;
    }

    public static SafeFileHandle Connect(string path)
    {
        var handle = Valid(socket(Unix, Stream | CloseOnExec, 0));
        Span<byte> address = stackalloc byte[AddressBytes];
        var length = Address(path, address);
        if (connect(handle, address, length) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw new Win32Exception(error, $"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return handle;
    }

    /// <summary>Null if nobody waits.</summary>
    public static SafeFileHandle? Accept(SafeFileHandle listener)
    {
        var handle = accept4(listener, null, null, CloseOnExec | NonBlocking);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>The user who connected; root could lie about it, nobody else.</summary>
    public static long PeerUser(SafeFileHandle connection)
    {
        Span<int> credentials = stackalloc int[3];
        var length = credentials.Length * sizeof(int);
        return getsockopt(connection, SocketLevel, PeerCredentials, credentials, ref length) == 0 ? (uint)credentials[1] : -1;
    }

    /// <summary>
    /// A socket that is connected to itself: what is sent waits in it until it is received, for as long as any process has it.
    /// </summary>
    public static SafeFileHandle CreateMailbox(int capacityBytes)
    {
        var handle = Valid(socket(Unix, Datagram | CloseOnExec | NonBlocking, 0));

        // Without a path the kernel finds a free abstract name.
        Span<byte> address = stackalloc byte[AddressBytes];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Unix);
        var length = AddressBytes;
        if (bind(handle, address, sizeof(ushort)) != 0 || getsockname(handle, address, ref length) != 0 || connect(handle, address, length) != 0)
        {
            throw new Win32Exception();
        }

        _ = setsockopt(handle, SocketLevel, SendBufferForce, in capacityBytes, sizeof(int));
        return handle;
    }

    /// <summary>What Receive would find, without descriptors, and leaves it there. 0 if that is nothing.</summary>
    public static int Look(SafeFileHandle handle, Span<byte> data) => Math.Max(0, (int)recv(handle, data, (nuint)data.Length, Peek | DontWait));

    /// <summary>Descriptors are the caller's to close; with <paramref name="leave"/> they are copies, and everything stays where it is.</summary>
    /// <exception cref="Win32Exception">The connection is broken.</exception>
    public static Received Receive(SafeFileHandle handle, Span<byte> data, List<SafeFileHandle> descriptors, bool leave = false)
    {
        // Sound: the message points into buffers that live on this stack, or are pinned, for the whole call.
        var control = stackalloc byte[ControlHeaderBytes + (MostDescriptors * sizeof(int))];
        fixed (byte* start = data)
        {
            var vector = new IoVector { Start = start, Length = (nuint)data.Length };
            var message = new Message { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlHeaderBytes + (MostDescriptors * sizeof(int)) };
            var count = (int)recvmsg(handle, &message, CloseOnExecReceived | DontWait | (leave ? Peek : 0));
            if (count < 0)
            {
                return Marshal.GetLastPInvokeError() is TryAgain or Interrupted
                    ? new Received(0, IsNothingYet: true, IsCutOff: false)
                    : throw new Win32Exception();
            }

            Collect(message, descriptors);
            return new Received(count, IsNothingYet: false, (message.Flags & (DataCutOff | ControlCutOff)) != 0);
        }
    }

    /// <summary>False if it could not be sent as a whole: the other side doesn't read, or has gone.</summary>
    public static bool TrySend(SafeFileHandle handle, ReadOnlySpan<byte> data, ReadOnlySpan<SafeFileHandle> descriptors = default)
    {
        var controlBytes = descriptors.IsEmpty ? 0 : ControlHeaderBytes + (((descriptors.Length * sizeof(int)) + 7) / 8 * 8);
        var control = stackalloc byte[Math.Max(1, controlBytes)];
        new Span<byte>(control, controlBytes).Clear();
        if (!descriptors.IsEmpty)
        {
            *(nuint*)control = (nuint)(ControlHeaderBytes + (descriptors.Length * sizeof(int)));
            ((int*)control)[2] = SocketLevel;
            ((int*)control)[3] = Rights;
            for (var i = 0; i < descriptors.Length; i++)
            {
                ((int*)control)[4 + i] = (int)descriptors[i].DangerousGetHandle();
            }
        }

        fixed (byte* start = data)
        {
            var vector = new IoVector { Start = start, Length = (nuint)data.Length };
            var message = new Message { Vectors = &vector, VectorCount = 1, Control = controlBytes == 0 ? null : control, ControlLength = (nuint)controlBytes };
            return sendmsg(handle, &message, NoSignal | DontWait) == data.Length;
        }
    }

    private static void Collect(Message message, List<SafeFileHandle> descriptors)
    {
        for (nuint at = 0; at + ControlHeaderBytes <= message.ControlLength;)
        {
            var header = message.Control + at;
            var length = *(nuint*)header;
            if (length < ControlHeaderBytes)
            {
                return;
            }

            if (((int*)header)[2] == SocketLevel && ((int*)header)[3] == Rights)
            {
                for (var i = 0; i < (int)((length - ControlHeaderBytes) / sizeof(int)); i++)
                {
                    descriptors.Add(new SafeFileHandle(((int*)header)[4 + i], ownsHandle: true));
                }
            }

            at += (length + 7) / 8 * 8;
        }
    }

    private static int Address(string path, Span<byte> address)
    {
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Unix);
        return sizeof(ushort) + Encoding.UTF8.GetBytes(path, address[sizeof(ushort)..^1]) + 1;
    }

    private static SafeFileHandle Valid(SafeFileHandle handle) => handle.IsInvalid ? throw new Win32Exception() : handle;

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(SafeFileHandle handle, Span<byte> address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(SafeFileHandle handle, Span<byte> address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(SafeFileHandle handle, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle accept4(SafeFileHandle handle, byte* address, int* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(SafeFileHandle handle, Span<byte> address, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(SafeFileHandle handle, int level, int option, Span<int> value, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeFileHandle handle, int level, int option, in int value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeFileHandle handle, Span<byte> data, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeFileHandle handle, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeFileHandle handle, Message* message, int flags);

    /// <summary>struct msghdr on 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
