using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Silo.Networking;

/// <summary>A range of IPv4 addresses, 10.88.0.0/16: its first address and the length of its prefix.</summary>
internal readonly record struct AddressRange(uint First, int PrefixLength)
{
    private const int AddressBits = 32;

    public long Count => 1L << (AddressBits - PrefixLength);

    /// <summary>Null if the text is no IPv4 range whose address is its first.</summary>
    public static AddressRange? Parse(string text)
    {
        if (!IPNetwork.TryParse(text, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork) return null;
        var range = new AddressRange(Number(network.BaseAddress), network.PrefixLength);
        // An address inside the range would be taken for its first.
        return range.ToString() == text ? range : null;
    }

    /// <summary>Null if the text is no IPv4 address as it is written today: the system's parser takes 10.1 and 0x7f.1, too.</summary>
    public static uint? ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? Number(address) : null;

    public static string Text(uint address)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }

    public bool Contains(uint address) => address >= First && address - First < Count;

    public bool Overlaps(AddressRange other) => Contains(other.First) || other.Contains(First);

    /// <summary>How many ranges of a longer prefix this one is made of.</summary>
    public long PartsOf(int prefixLength) => 1L << (prefixLength - PrefixLength);

    public AddressRange Part(long index, int prefixLength) => new((uint)(First + (index << (AddressBits - prefixLength))), prefixLength);

    public override string ToString() => $"{Text(First)}/{PrefixLength}";

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
