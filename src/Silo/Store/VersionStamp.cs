using System.Globalization;
using System.Text;
using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Store;

/// <summary>
/// Writes the resourceVersion into an encoded object without encoding it again. Protobuf merges a message field that occurs twice,
/// so a second <c>metadata { resource_version }</c> appended to the bytes is the object with that version. Every kind has its
/// metadata in field 1 for this (docs/adr/0003).
/// </summary>
internal static class VersionStamp
{
    private const byte MetadataTag = (1 << 3) | 2;
    private const byte ResourceVersionTag = (ObjectMeta.ResourceVersionFieldNumber << 3) | 2;
    private const int MaximumDigits = 19;

    public static byte[] Encode(IMessage message, Revision revision)
    {
        Span<byte> digits = stackalloc byte[MaximumDigits];
        revision.Value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        var size = message.CalculateSize();
        var bytes = new byte[size + 4 + length];
        message.WriteTo(bytes.AsSpan(0, size));
        bytes[size] = MetadataTag;
        bytes[size + 1] = (byte)(2 + length);
        bytes[size + 2] = ResourceVersionTag;
        bytes[size + 3] = (byte)length;
        digits[..length].CopyTo(bytes.AsSpan(size + 4));
        return bytes;
    }
}
