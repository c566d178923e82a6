using Google.Protobuf;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// What indexes need of an object, read from its bytes without decoding it: the writer's thread looks at every object of the cluster,
/// most of which nobody else ever looks at. Every kind has its metadata in field 1 (docs/adr/0003).
/// </summary>
internal sealed record MetadataScan(IReadOnlyList<string> Owners, bool Terminating)
{
    private const int Metadata = 1;

    private static readonly MetadataScan Plain = new([], Terminating: false);

    public static MetadataScan Read(ReadOnlyMemory<byte> encoded)
    {
        List<string>? owners = null;
        var terminating = false;
        Fields(encoded, (field, value) =>
        {
            if (field == Metadata)
            {
                Fields(value, (inner, part) =>
                {
                    if (inner == ObjectMeta.DeletionTimestampFieldNumber) terminating = true;
                    if (inner == ObjectMeta.OwnerReferencesFieldNumber) (owners ??= []).Add(OwnerReference.Parser.ParseFrom(part.Span).Uid);
                });
            }
        });
        return owners is null && !terminating ? Plain : new MetadataScan(owners ?? [], terminating);
    }

    private static void Fields(ReadOnlyMemory<byte> message, Action<int, ReadOnlyMemory<byte>> take)
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
