using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Devices.Network;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Network.Switching;

namespace Orchestrator.Hypervisor.Network.Uplinks;

/// <summary>
/// The switch's way into a bridge of the host: a TAP device. The loop's io_uring says when there is something to read; reading and writing
/// themselves never wait, so they are plain calls. Nobody waits for either side: what comes for a guest without buffers is dropped at that
/// guest, what the host has no room for is dropped here, and both are counted. The device is there as long as its descriptor: a dom0 that
/// dies leaves none behind, and the next one makes another.
/// </summary>
internal sealed partial class TapUplink : IFrameReceiver
{
    private const string NamePattern = "vms%d";

    /// <summary>Frames a turn: guests have theirs in between.</summary>
    private const int Budget = 64;

    // A VLAN tag makes a frame longer, and is refused; cut off it would pass.
    private const int TagBytes = 4;

    private readonly DeviceLoop _loop;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly SafeFileHandle _tap;
    private readonly LayerTwoSwitch _switch;
    private readonly Watch _watch;
    private readonly byte[] _incoming = new byte[NetworkFormat.HeaderBytes + NetworkFormat.MostFrameBytes + TagBytes];
    private readonly byte[] _outgoing = new byte[NetworkFormat.HeaderBytes + NetworkFormat.MostFrameBytes];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isBroken;

    /// <summary>On the loop's thread.</summary>
    private TapUplink(DeviceLoop loop, ILogger logger, string name, SafeFileHandle tap, LayerTwoSwitch @switch, uint networkId)
    {
        _loop = loop;
        _logger = logger;
        _name = name;
        _tap = tap;
        _switch = @switch;
        _watch = new Watch(loop, tap, Read, _closed.SetResult);
        Port = @switch.Attach(new PortRules { NetworkId = networkId }, this, Stopwatch.GetTimestamp());
        _watch.Arm();
    }

    public SwitchPort Port { get; }

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such bridge, or no device can be made.</exception>
    public static async Task<TapUplink> OpenAsync(DeviceLoop loop, ILogger logger, string bridge, LayerTwoSwitch @switch, uint networkId)
    {
        // Here, not on the loop: the kernel may take its time over devices.
        var tap = TapDevices.Open(NamePattern, bridge, NetworkFormat.HeaderBytes, out var name);
        LogOpened(logger, name, bridge);
        return await loop.AskAsync(() => new TapUplink(loop, logger, name, tap, @switch, networkId));
    }

    public bool TryReceive(in Frame frame)
    {
        var header = _outgoing.AsSpan(0, NetworkFormat.HeaderBytes);
        header.Clear();
        if (frame.ChecksumStart >= 0)
        {
            header[0] = NetworkFormat.NeedsChecksum;
            BinaryPrimitives.WriteUInt16LittleEndian(header[PendingFrame.ChecksumStartAt..], (ushort)frame.ChecksumStart);
            BinaryPrimitives.WriteUInt16LittleEndian(header[PendingFrame.ChecksumOffsetAt..], (ushort)frame.ChecksumOffset);
        }

        frame.Bytes.CopyTo(_outgoing.AsSpan(NetworkFormat.HeaderBytes));
        return TapDevices.Write(_tap, _outgoing.AsSpan(0, NetworkFormat.HeaderBytes + frame.Bytes.Length)) > 0;
    }

    /// <summary>Complete when the device is no more.</summary>
    public async Task CloseAsync()
    {
        _loop.Post(() =>
        {
            _switch.Detach(Port);
            _watch.Stop();
        });
        await _closed.Task;
        _tap.Dispose();
    }

    /// <summary>Whether the descriptor is to be watched further.</summary>
    private bool Read()
    {
        for (var taken = 0; taken < Budget; taken++)
        {
            var result = TapDevices.Read(_tap, _incoming);
            if (result <= 0)
            {
                return !IsFatal(-result);
            }

            Deliver(_incoming.AsSpan(0, result));
        }

        return true;
    }

    private void Deliver(Span<byte> data)
    {
        var pending = data.Length > NetworkFormat.HeaderBytes ? PendingFrame.Read(0, data) : default;
        if (!pending.IsSound || pending.Bytes > NetworkFormat.MostFrameBytes)
        {
            Port.CountDrop(FrameDrop.Malformed);
            return;
        }

        var frame = new Frame(data[NetworkFormat.HeaderBytes..], pending.ChecksumStart, pending.ChecksumOffset);
        _switch.Forward(Port, frame, insists: true, _loop.Now, out _, out _);
    }

    /// <summary>Someone has taken the device away or down: watching it further would tell of that for ever.</summary>
    private bool IsFatal(int error)
    {
        if (error is 0 or TapDevices.WouldBlock or TapDevices.Interrupted)
        {
            return false;
        }

        if (!_isBroken)
        {
            _isBroken = true;
            LogBroken(_logger, _name, error);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Network: {Tap} joins guests to the bridge {Bridge}")]
    private static partial void LogOpened(ILogger logger, string tap, string bridge);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Network: {Tap} can't be read any more (error {Error}): guests hear nothing of the host until the last of them has stopped")]
    private static partial void LogBroken(ILogger logger, string tap, int error);
}
