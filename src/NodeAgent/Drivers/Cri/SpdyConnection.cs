using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Data of one stream; <see cref="IsLast"/> if its sender has ended it.</summary>
internal readonly record struct SpdyData(int Stream, ReadOnlyMemory<byte> Data, bool IsLast);

/// <summary>
/// As much of SPDY/3.1 as Kubernetes' streaming servers need of a client: open streams, send and receive data, end
/// one direction of a stream. That last is why it is not their WebSocket protocol, whose v4 can't tell the end of
/// stdin. Of the answers' header blocks nothing is needed, so none is unpacked. Reading and writing may overlap; each
/// has one caller at a time.
/// </summary>
internal sealed class SpdyConnection : IDisposable
{
    private const int FrameHeaderBytes = 8;
    private const int MaximumFrameBytes = (1 << 24) - 1;
    private const int MaximumResponseBytes = 16 * 1024;
    private const byte FinFlag = 1;
    private const ushort Version = 3;
    private const ushort SynStream = 1;
    private const ushort ResetStream = 3;
    private const ushort Ping = 6;
    private const ushort GoAway = 7;

    private readonly NetworkStream _stream;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly byte[] _header = new byte[FrameHeaderBytes];
    private int _nextStream = 1;

    private SpdyConnection(NetworkStream stream) => _stream = stream;

    /// <exception cref="IOException">There is no such server, or it doesn't change to SPDY; the message says what it answered.</exception>
    public static async Task<SpdyConnection> UpgradeAsync(Uri address, string protocol, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connection = default(SpdyConnection);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            connection = new SpdyConnection(new NetworkStream(socket, ownsSocket: true));
            var request = $"POST {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                + $"X-Stream-Protocol-Version: {protocol}\r\nContent-Length: 0\r\n\r\n";
            await connection._stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancellation);
            var response = await connection.ReadResponseAsync(cancellation);
            if (!response.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)) throw new IOException($"the stream server answers {response.Split('\r')[0]}");
            return connection;
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new IOException($"the stream server {address.Authority}: {failed.Message}", failed);
        }
        catch
        {
            connection?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a stream that is known to the server by its headers; their names and values are ASCII.</summary>
    public async Task<int> OpenAsync(CancellationToken cancellation, params (string Name, string Value)[] headers)
    {
        var stream = _nextStream;
        var block = SpdyHeaders.Write(headers, first: stream == 1);
        _nextStream += 2;
        var payload = new byte[10 + block.Length];
        BinaryPrimitives.WriteInt32BigEndian(payload, stream);
        block.CopyTo(payload.AsSpan(10));
        await WriteFrameAsync(0x8000_0000u | ((uint)Version << 16) | SynStream, 0, payload, cancellation);
        return stream;
    }

    public Task SendAsync(int stream, ReadOnlyMemory<byte> data, bool isLast, CancellationToken cancellation)
        => WriteFrameAsync((uint)stream, isLast ? FinFlag : (byte)0, data, cancellation);

    /// <summary>The next data of any stream; null at the end of the connection.</summary>
    /// <exception cref="IOException">The server has reset a stream, or the connection broke.</exception>
    public async Task<SpdyData?> ReadAsync(CancellationToken cancellation)
    {
        while (await _stream.ReadAtLeastAsync(_header, FrameHeaderBytes, throwOnEndOfStream: false, cancellation) == FrameHeaderBytes)
        {
            var word = BinaryPrimitives.ReadUInt32BigEndian(_header);
            var (flags, length) = (_header[4], (int)(BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4)) & MaximumFrameBytes));
            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, cancellation);
            if ((word & 0x8000_0000u) == 0) return new SpdyData((int)word, payload, (flags & FinFlag) != 0);
            var kind = (ushort)word;
            if (kind == GoAway) return null;
            if (kind == ResetStream) throw new IOException($"the stream server has reset a stream, status {BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4))}");
            if (kind == Ping) await WriteFrameAsync(word, 0, payload, cancellation);
        }

        return null;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _writing.Dispose();
    }

    private async Task WriteFrameAsync(uint word, byte flags, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var frame = new byte[FrameHeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, word);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), ((uint)flags << 24) | (uint)payload.Length);
        payload.CopyTo(frame.AsMemory(FrameHeaderBytes));
        await _writing.WaitAsync(cancellation);
        try
        {
            await _stream.WriteAsync(frame, cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<string> ReadResponseAsync(CancellationToken cancellation)
    {
        var response = new List<byte>();
        var one = new byte[1];
        // One byte at a time: what follows the blank line is no longer HTTP.
        while (response.Count < MaximumResponseBytes && await _stream.ReadAsync(one, cancellation) == 1)
        {
            response.Add(one[0]);
            if (response is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n']) break;
        }

        return Encoding.ASCII.GetString([.. response]);
    }
}
