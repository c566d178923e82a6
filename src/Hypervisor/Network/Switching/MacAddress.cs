using System.Buffers.Binary;
using System.Globalization;

namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>48 bits, as they stand in a frame.</summary>
internal readonly record struct MacAddress(ulong Value)
{
    public const int Bytes = 6;

    public static readonly MacAddress Broadcast = new(0xFFFF_FFFF_FFFF);

    /// <summary>For several stations, all of them included.</summary>
    public bool IsGroup => (Value >> 40 & 1) != 0;

    /// <summary>Between two neighbours only (IEEE 802.1Q, table 8-1): a switch never passes it on.</summary>
    public bool IsLinkLocal => (Value & 0xFFFF_FFFF_FFF0) == 0x0180_C200_0000;

    public static MacAddress Read(ReadOnlySpan<byte> data) =>
        new((ulong)BinaryPrimitives.ReadUInt32BigEndian(data) << 16 | BinaryPrimitives.ReadUInt16BigEndian(data[4..]));

    /// <summary>Six pairs of hexadecimal digits with colons between them.</summary>
    public static bool TryParse(string text, out MacAddress address)
    {
        address = default;
        if (text.Length != (3 * Bytes) - 1 || !text.Where((_, at) => at % 3 == 2).All(sign => sign == ':'))
        {
            return false;
        }

        var isNumber = ulong.TryParse(text.Replace(":", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        address = new MacAddress(value);
        return isNumber && text.Count(sign => sign == ':') == Bytes - 1;
    }

    /// <summary>Of a text that has been checked.</summary>
    public static MacAddress Parse(string text) => TryParse(text, out var address) ? address : throw new FormatException(text);

    public void Write(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)(Value >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(data[4..], (ushort)Value);
    }

    public override string ToString()
    {
        var digits = Value.ToString("x12", CultureInfo.InvariantCulture);
        return string.Join(':', Enumerable.Range(0, Bytes).Select(i => digits.Substring(2 * i, 2)));
    }
}
