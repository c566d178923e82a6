using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// Header blocks of SPDY/3.1: all blocks of a connection are one zlib stream (RFC 1950). Ours holds only stored
/// blocks (RFC 1951, 3.2.4), which need neither a compressor nor SPDY's dictionary.
/// </summary>
internal static class SpdyHeaders
{
    private static readonly byte[] ZlibHeader = [0x78, 0x01];

    /// <summary>An empty stored block, at which a reader hands out what it has instead of waiting for more.</summary>
    private static readonly byte[] SyncFlush = [0, 0, 0, 0xFF, 0xFF];

    /// <summary>A block of names, in lower case as the protocol wants, and their values.</summary>
    public static byte[] Write(IReadOnlyList<(string Name, string Value)> headers, bool first)
    {
        var pairs = new byte[4 + headers.Sum(header => 8 + header.Name.Length + header.Value.Length)];
        BinaryPrimitives.WriteInt32BigEndian(pairs, headers.Count);
        var rest = pairs.AsSpan(4);
        foreach (var (name, value) in headers)
        {
            WriteText(rest, name);
            WriteText(rest[(4 + name.Length)..], value);
            rest = rest[(8 + name.Length + value.Length)..];
        }

        byte[] start = [.. first ? ZlibHeader : [], 0, (byte)(pairs.Length & 0xFF), (byte)((pairs.Length >> 8) & 0xFF), (byte)(~pairs.Length & 0xFF), (byte)(~(pairs.Length >> 8) & 0xFF)];
        return [.. start, .. pairs, .. SyncFlush];
    }

    private static void WriteText(Span<byte> target, string text)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, text.Length);
        Encoding.ASCII.GetBytes(text, target[4..]);
    }
}
