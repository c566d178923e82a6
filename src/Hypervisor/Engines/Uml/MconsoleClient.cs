using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Engines.Uml;

/// <summary>
/// The management console of User-Mode Linux: one datagram a command (magic, version, length, text; 32 bits each in the host's byte
/// order) to a unix socket. We give it no address to answer to: it lives in a network namespace without us, and what it would say
/// is no more trustworthy than what it does.
/// </summary>
internal static class MconsoleClient
{
    public const string UmlId = "guest";

    private const uint Magic = 0xCAFEBABE;
    private const uint ProtocolVersion = 2;
    private const int HeaderBytes = 12;
    private const int RequestBytes = HeaderBytes + 512;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>A restarting guest executes its program anew, which makes its socket anew.</summary>
    public static object? BootMark(EngineSeat seat) => FileSystem.Stamp(SocketOf(seat));

    /// <summary>Whether the guest's kernel has come so far that it listens.</summary>
    public static Task<bool> ListensAsync(EngineSeat seat, CancellationToken cancellation) =>
        WithSocketAsync(seat, (_, _) => ValueTask.CompletedTask, cancellation);

    /// <summary>False if nobody takes the command: the kernel isn't that far yet, or has gone, or hangs.</summary>
    public static Task<bool> SendAsync(EngineSeat seat, string command, CancellationToken cancellation) =>
        WithSocketAsync(seat, async (socket, limit) => await socket.SendAsync(Request(command), limit), cancellation);

    private static string SocketOf(EngineSeat seat) => Path.Combine(seat.Folder.EngineFolder, UmlId, "mconsole");

    private static async Task<bool> WithSocketAsync(
        EngineSeat seat, Func<Socket, CancellationToken, ValueTask> use, CancellationToken cancellation)
    {
        var path = FileSystem.PinSocket(SocketOf(seat), seat.UserId, out var pin);
        using (pin)
        {
            if (path is null)
            {
                return false;
            }

            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Limit);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
                await use(socket, limit.Token);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private static byte[] Request(string command)
    {
        var request = new byte[RequestBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(request, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), ProtocolVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(8), (uint)Encoding.ASCII.GetBytes(command, request.AsSpan(HeaderBytes)));
        return request;
    }
}
