using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestrator.Conformance.Fakes;

/// <summary>A stream that the client opens (with its headers), or data that it sends.</summary>
internal readonly record struct FakeFrame(int Stream, Dictionary<string, string>? Headers, byte[] Data, bool Last);

/// <summary>The stream server's half of SPDY/3.1, as much as its clients here use.</summary>
internal sealed class FakeSpdy(Stream connection) : IAsyncDisposable
{
    private readonly MemoryStream _headers = new();
    private int _read;

    public static async Task<FakeSpdy> AcceptAsync(HttpContext context, string protocol)
    {
        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers["X-Stream-Protocol-Version"] = protocol;
        return new FakeSpdy(await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync());
    }

    public async Task<FakeFrame> ReadAsync()
    {
        var header = new byte[8];
        await connection.ReadExactlyAsync(header);
        var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF];
        await connection.ReadExactlyAsync(payload);
        if (header[0] != 0x80) return new FakeFrame(BinaryPrimitives.ReadInt32BigEndian(header), null, payload, (header[4] & 1) != 0);
        _headers.Write(payload.AsSpan(10));
        return new FakeFrame(BinaryPrimitives.ReadInt32BigEndian(payload), Headers(), [], false);
    }

    public async Task SendAsync(int stream, string text, bool last)
    {
        var data = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, stream);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), data.Length | (last ? 1 << 24 : 0));
        data.CopyTo(frame, 8);
        await connection.WriteAsync(frame);
        await connection.FlushAsync();
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>All header blocks so far are one zlib stream; the last block in it is the new stream's.</summary>
    private Dictionary<string, string> Headers()
    {
        using var plain = new MemoryStream();
        using var zlib = new ZLibStream(new MemoryStream(_headers.ToArray()), CompressionMode.Decompress);
        zlib.CopyTo(plain);
        var block = plain.ToArray().AsSpan(_read);
        _read = (int)plain.Length;
        var headers = new Dictionary<string, string>();
        var count = BinaryPrimitives.ReadInt32BigEndian(block);
        block = block[4..];
        for (; count > 0; count--) headers.Add(Text(ref block), Text(ref block));
        return headers;
    }

    private static string Text(ref Span<byte> block)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(block);
        var text = Encoding.ASCII.GetString(block[4..(4 + length)]);
        block = block[(4 + length)..];
        return text;
    }
}
