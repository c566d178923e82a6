using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>Why a frame went nowhere.</summary>
internal enum FrameDrop
{
    /// <summary>Too short, from a group, or with a VLAN tag: networks are told apart by port.</summary>
    Malformed,

    /// <summary>From an address that isn't the sender's.</summary>
    Spoofed,

    /// <summary>For neighbours only, or for nobody that there is.</summary>
    Nowhere,

    /// <summary>The receiver had no room: counted at the receiver.</summary>
    NoRoom,
}

/// <summary>A place at a switch. Only its switch, and who delivers its frames, changes it.</summary>
internal sealed class SwitchPort
{
    private readonly long[] _drops = new long[Enum.GetValues<FrameDrop>().Length];
    private TokenBucket _frameRate;
    private TokenBucket _byteRate;

    public SwitchPort(PortRules rules, IFrameReceiver receiver, long ticksPerSecond, long now)
    {
        Rules = rules;
        Receiver = receiver;
        _frameRate = new TokenBucket(rules.Limits.OperationsPerSecond, rules.Limits.BurstOperations, ticksPerSecond, now);
        _byteRate = new TokenBucket(rules.Limits.BytesPerSecond, rules.Limits.BurstBytes, ticksPerSecond, now);
    }

    public PortRules Rules { get; }

    public IFrameReceiver Receiver { get; }

    public bool IsUplink => Rules.Address is null;

    /// <summary>Addresses remembered behind it.</summary>
    public int LearnedAddresses { get; set; }

    public long SentFrames { get; private set; }

    public long SentBytes { get; private set; }

    public long ReceivedFrames { get; private set; }

    public long ReceivedBytes { get; private set; }

    public long DropsOf(FrameDrop reason) => _drops[(int)reason];

    public void CountDrop(FrameDrop reason) => _drops[(int)reason]++;

    public void CountReceived(int bytes)
    {
        ReceivedFrames++;
        ReceivedBytes += bytes;
    }

    /// <summary>When it may send a frame of so many bytes: now, or later.</summary>
    public long ReadyAt(int bytes, long now) => Math.Max(_frameRate.ReadyAt(1, now), _byteRate.ReadyAt(bytes, now));

    public void CountSent(int bytes)
    {
        _frameRate.Take(1);
        _byteRate.Take(bytes);
        SentFrames++;
        SentBytes += bytes;
    }
}

/// <summary>What is behind a port: a guest's device, the host's network.</summary>
internal interface IFrameReceiver
{
    /// <summary>Takes the frame over, or says that there is no room.</summary>
    bool TryReceive(in Frame frame);
}

/// <summary>A frame on its way, in memory that no guest can change.</summary>
/// <param name="ChecksumStart">Where the bytes begin over which a checksum is still to be made; negative: it is complete.</param>
/// <param name="ChecksumOffset">From there to the checksum's place.</param>
internal readonly ref struct Frame(Span<byte> bytes, int checksumStart = -1, int checksumOffset = 0)
{
    public Span<byte> Bytes { get; } = bytes;

    public int ChecksumStart { get; } = checksumStart;

    public int ChecksumOffset { get; } = checksumOffset;
}
