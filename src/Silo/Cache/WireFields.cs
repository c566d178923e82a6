using Google.Protobuf;

namespace Orchestrator.Silo.Cache;

/// <summary>The fields of an encoded message, without decoding it.</summary>
internal static class WireFields
{
    /// <summary>Hands over each field that has a length, by its number, in the order of the bytes; other fields are passed over.</summary>
    public static void Read(ReadOnlyMemory<byte> message, Action<int, ReadOnlyMemory<byte>> take)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            switch ((WireFormat.WireType)(tag & 7))
            {
                case WireFormat.WireType.LengthDelimited:
                    var length = (int)Varint(message.Span, ref at);
                    take((int)(tag >> 3), message.Slice(at, length));
                    at += length;
                    break;
                case WireFormat.WireType.Fixed64:
                    at += 8;
                    break;
                case WireFormat.WireType.Fixed32:
                    at += 4;
                    break;
                default:
                    Varint(message.Span, ref at);
                    break;
            }
        }
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
