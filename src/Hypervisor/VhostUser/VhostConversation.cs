using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>What a change is answered with: a payload of its own, or whether it was refused, if the front-end asks.</summary>
internal readonly record struct VhostAnswer(byte[]? Payload = null, bool IsRefused = false);

/// <summary>Carries out messages that change something, while the device is quiet.</summary>
internal sealed class VhostConversation
{
    private readonly VirtioDevice _device;
    private readonly VhostQueues _queues;
    private readonly VhostMemory _memory;
    private readonly VhostDirtyLog _log;

    public VhostConversation(VirtioDevice device, VhostState state, VhostPeer peer)
    {
        _device = device;
        OfferedFeatures = device.Features | VhostFeatures.OfferedTo(peer);
        State = state;
        _memory = new VhostMemory(peer.MostMemoryBytes);
        _log = new VhostDirtyLog(device, State, _memory);
        _queues = new VhostQueues(device, State, _memory, _log);
    }

    public VhostState State { get; }

    public ulong OfferedFeatures { get; }

    public static VhostInflight ReadInflight(VhostMessage message, SafeFileHandle file)
    {
        var payload = message.Payload.Span;
        return new VhostInflight(
            file,
            BinaryPrimitives.ReadUInt64LittleEndian(payload),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(payload[16..]),
            BinaryPrimitives.ReadUInt16LittleEndian(payload[18..]));
    }

    /// <summary>Makes of the state what the conversation would have made of it.</summary>
    /// <exception cref="VhostProtocolException">It makes no sense.</exception>
    public void Resume()
    {
        Offered(State.Features, OfferedFeatures);
        Offered(State.ProtocolFeatures, VhostProtocolFeatures.Offered);
        _device.Accept(State.Features);
        foreach (var region in State.Regions)
        {
            _memory.Add(region);
        }

        _log.Resume();
        _queues.Resume();
        _log.MarkAll();
    }

    /// <exception cref="VhostProtocolException">No front-end may send this.</exception>
    public VhostAnswer Apply(VhostMessage message)
    {
        switch (message.Request)
        {
            case VhostRequest.SetFeatures:
                SetFeatures(message.Number);
                return default;
            case VhostRequest.SetProtocolFeatures:
                State.ProtocolFeatures = Offered(message.Number, VhostProtocolFeatures.Offered);
                return default;
            case VhostRequest.SetMemoryTable:
                SetMemory(message);
                return default;
            case VhostRequest.AddMemoryRegion:
                AddRegion(new VhostRegion(ReadPlace(message.Payload.Span[8..]), message.TakeDescriptor()!));
                _log.Check();
                _queues.Reopen();
                return default;
            case VhostRequest.RemoveMemoryRegion:
                RemoveRegion(ReadPlace(message.Payload.Span[8..]));
                _queues.Reopen();
                return default;
            case VhostRequest.SetLogBase:
                SetLog(message);
                return new VhostAnswer(new byte[sizeof(ulong)]);
            case VhostRequest.SetLogCall:
                _log.SetCall(message.TakeDescriptor()!);
                _queues.Reopen();
                return default;
            case VhostRequest.SetBackendChannel:
                State.BackendChannel?.Dispose();
                State.BackendChannel = message.TakeDescriptor();
                return default;
            case VhostRequest.SetInflight:
                _queues.SetInflight(ReadInflight(message, message.TakeDescriptor()!));
                return default;
            case VhostRequest.ResetDevice or VhostRequest.ResetOwner:
                _queues.StopAll();
                _device.Reset();
                State.Features = 0;
                return default;
            case VhostRequest.SetOwner:
                return default;
            case VhostRequest.SetConfiguration:
                // None of our devices has anything that a driver may write.
                return new VhostAnswer(IsRefused: true);
            default:
                return _queues.Apply(message);
        }
    }

    /// <summary>Lets go of memory and descriptors.</summary>
    public void Forget()
    {
        _queues.Forget();
        _log.Forget();
        _memory.Forget();
        State.Dispose();
    }

    private static ulong Offered(ulong wanted, ulong offered) =>
        (wanted & ~offered) == 0 ? wanted : throw new VhostProtocolException($"features {wanted & ~offered:x} were never offered");

    private static RegionPlace ReadPlace(ReadOnlySpan<byte> payload) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(payload),
        BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(payload[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(payload[24..]));

    private void SetFeatures(ulong wanted)
    {
        State.Features = Offered(wanted, OfferedFeatures);
        _device.Accept(State.Features);
        _log.Check();
        _queues.Reopen();
    }

    private void SetMemory(VhostMessage message)
    {
        var payload = message.Payload.Span;
        var count = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (count != message.Descriptors.Count || count * 32 + 8 > payload.Length)
        {
            throw new VhostProtocolException($"a table of {count} memory regions with {message.Descriptors.Count} descriptors");
        }

        foreach (var region in State.Regions.ToArray())
        {
            RemoveRegion(region.Place);
        }

        for (var i = 0; i < count; i++)
        {
            AddRegion(new VhostRegion(ReadPlace(payload[(8 + (32 * i))..]), message.TakeDescriptor()!));
        }

        _log.Check();
        _queues.Reopen();
    }

    private void SetLog(VhostMessage message)
    {
        var payload = message.Payload.Span;
        _log.Set(new VhostLog(
            message.TakeDescriptor()!,
            BinaryPrimitives.ReadUInt64LittleEndian(payload),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[8..])));
        _queues.Reopen();
    }

    private void AddRegion(VhostRegion region)
    {
        // First among what is disposed of at the end, whatever becomes of it.
        State.Regions.Add(region);
        _memory.Add(region);
    }

    private void RemoveRegion(RegionPlace place)
    {
        _memory.Remove(place);
        var region = State.Regions.Find(region => region.Place == place)!;
        State.Regions.Remove(region);
        region.File.Dispose();
    }
}
