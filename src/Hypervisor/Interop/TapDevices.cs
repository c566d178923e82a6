using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>tun(4) and the few requests of netdevice(7) that join a TAP device to a bridge.</summary>
internal static unsafe partial class TapDevices
{
    public const int WouldBlock = 11;
    public const int Interrupted = 4;

    private const string CloneDevice = "/dev/net/tun";
    private const int ReadWrite = 0x2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int InternetFamily = 2;
    private const int DatagramSocket = 2;
    private const nuint SetInterface = 0x400454CA;
    private const nuint SetOffload = 0x400454D0;
    private const nuint SetHeaderBytes = 0x400454D8;
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const nuint SetHardwareAddress = 0x8924;
    private const nuint GetHardwareAddress = 0x8927;
    private const nuint GetIndex = 0x8933;
    private const nuint AddToBridge = 0x89A2;
    private const short IsTap = 0x0002;
    private const short WithoutProtocol = 0x1000;
    private const short WithHeader = 0x4000;
    private const short IsUp = 0x1;
    private const nint PartialChecksums = 0x1;

    /// <summary>Of all that a bridge might take its own address from, this is the last.</summary>
    private const byte LastAddressByte = 0xFE;

    /// <summary>
    /// A new device that is up and part of the bridge; it is there as long as its descriptor is open. Frames come and go behind a header
    /// of virtio-net's form, with checksums open at will and nothing to be segmented.
    /// </summary>
    /// <param name="pattern">Its name, with <c>%d</c> for the first number that is free.</param>
    /// <exception cref="Win32Exception">It can't be made, or there is no such bridge.</exception>
    public static SafeFileHandle Open(string pattern, string bridge, int headerBytes, out string name)
    {
        var handle = open(CloneDevice, ReadWrite | NonBlocking | CloseOnExec, 0);
        try
        {
            Check(handle.IsInvalid ? -1 : 0, CloneDevice);
            var request = InterfaceRequest.For(pattern);
            request.Flags = IsTap | WithoutProtocol | WithHeader;
            Check(ioctl(handle, SetInterface, &request), CloneDevice);
            name = request.ReadName();
            Check(ioctl(handle, SetHeaderBytes, &headerBytes), name);
            Check(ioctl(handle, SetOffload, (void*)PartialChecksums), name);
            using var socket = OpenSocket();
            Yield(socket, name);
            Join(socket, name, bridge);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>One frame with its header; negative: the error.</summary>
    public static int Read(SafeFileHandle tap, Span<byte> buffer) =>
        read(tap, buffer, (nuint)buffer.Length) is var count && count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();

    /// <summary>Sends one frame with its header; negative: the error.</summary>
    public static int Write(SafeFileHandle tap, ReadOnlySpan<byte> frame) =>
        write(tap, frame, (nuint)frame.Length) is var count && count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();

    /// <summary>A bridge takes the lowest address of its ports for its own; changing it would make the whole network look for it again.</summary>
    private static void Yield(SafeFileHandle socket, string name)
    {
        var request = InterfaceRequest.For(name);
        Check(ioctl(socket, GetHardwareAddress, &request), name);
        request.HardwareAddress[0] = LastAddressByte;
        Check(ioctl(socket, SetHardwareAddress, &request), name);

        // Its own end is nobody: what the host said there of itself would only reach guests.
        var silence = $"/proc/sys/net/ipv6/conf/{name}/disable_ipv6";
        if (File.Exists(silence))
        {
            File.WriteAllText(silence, "1");
        }
    }

    private static void Join(SafeFileHandle socket, string name, string bridge)
    {
        var request = InterfaceRequest.For(name);
        Check(ioctl(socket, GetIndex, &request), name);
        var index = request.Index;
        request = InterfaceRequest.For(bridge);
        request.Index = index;
        Check(ioctl(socket, AddToBridge, &request), $"bridge {bridge}");
        request = InterfaceRequest.For(name);
        Check(ioctl(socket, GetFlags, &request), name);
        request.Flags |= IsUp;
        Check(ioctl(socket, SetFlags, &request), name);
    }

    private static SafeFileHandle OpenSocket()
    {
        var handle = socket(InternetFamily, DatagramSocket | CloseOnExec, 0);
        Check(handle.IsInvalid ? -1 : 0, "a socket");
        return handle;
    }

    private static void Check(int result, string subject)
    {
        if (result < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"{subject}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle socket(int family, int kind, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle handle, Span<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle handle, ReadOnlySpan<byte> data, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle handle, nuint request, void* argument);

    /// <summary>struct ifreq: a name and one of several things.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    private struct InterfaceRequest
    {
        private const int NameBytes = 16;

        [FieldOffset(0)]
        private fixed byte _name[NameBytes];

        [FieldOffset(16)]
        public short Flags;

        [FieldOffset(16)]
        public int Index;

        // Behind the family in its sockaddr.
        [FieldOffset(18)]
        public fixed byte HardwareAddress[6];

        /// <summary>The name must have been checked: a longer one is cut.</summary>
        public static InterfaceRequest For(string name)
        {
            InterfaceRequest request = default;
            var bytes = Encoding.ASCII.GetBytes(name).AsSpan();
            bytes[..Math.Min(bytes.Length, NameBytes - 1)].CopyTo(new Span<byte>(request._name, NameBytes));
            return request;
        }

        public string ReadName()
        {
            fixed (byte* name = _name)
            {
                return Marshal.PtrToStringAnsi((nint)name)!;
            }
        }
    }
}
