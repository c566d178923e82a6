using System.Buffers.Binary;

namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>Whether a frame says truly who sends it. The frame is the sender's word: every length is checked.</summary>
internal static class SourceCheck
{
    public const int HeaderBytes = 14;
    private const int TypeAt = 12;
    private const ushort InternetProtocol = 0x0800;
    private const ushort AddressResolution = 0x0806;
    private const ushort InternetProtocol6 = 0x86DD;
    private const ushort Tagged = 0x8100;
    private const ushort DoublyTagged = 0x88A8;
    private const int InternetSourceAt = HeaderBytes + 12;
    private const int ResolutionSenderMacAt = HeaderBytes + 8;
    private const int ResolutionSenderAt = HeaderBytes + 14;
    private const int ResolutionBytes = HeaderBytes + 28;

    /// <summary>Null if nothing is wrong with it.</summary>
    public static FrameDrop? Judge(PortRules rules, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < HeaderBytes || MacAddress.Read(frame[MacAddress.Bytes..]) is var source && source.IsGroup)
        {
            return FrameDrop.Malformed;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(frame[TypeAt..]);
        if (type is Tagged or DoublyTagged)
        {
            return FrameDrop.Malformed;
        }

        if (rules.Address is not { } own)
        {
            return null;
        }

        return source != own ? FrameDrop.Spoofed : type switch
        {
            AddressResolution => JudgeResolution(rules, own, frame),
            InternetProtocol => JudgeInternet(rules, frame),
            InternetProtocol6 when rules.InternetAddresses.Count > 0 => FrameDrop.Spoofed,
            _ => null,
        };
    }

    private static FrameDrop? JudgeResolution(PortRules rules, MacAddress own, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < ResolutionBytes)
        {
            return FrameDrop.Malformed;
        }

        return MacAddress.Read(frame[ResolutionSenderMacAt..]) == own && MaySpeakFrom(rules, frame[ResolutionSenderAt..]) ? null : FrameDrop.Spoofed;
    }

    private static FrameDrop? JudgeInternet(PortRules rules, ReadOnlySpan<byte> frame) =>
        frame.Length < HeaderBytes + 20 ? FrameDrop.Malformed : MaySpeakFrom(rules, frame[InternetSourceAt..]) ? null : FrameDrop.Spoofed;

    /// <summary>0.0.0.0 is who doesn't have an address yet.</summary>
    private static bool MaySpeakFrom(PortRules rules, ReadOnlySpan<byte> address) =>
        rules.InternetAddresses.Count == 0
        || BinaryPrimitives.ReadUInt32BigEndian(address) is var value && (value == 0 || rules.InternetAddresses.Contains(value));
}
