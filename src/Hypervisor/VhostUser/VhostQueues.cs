using System.Buffers.Binary;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>The queues of a conversation: what the front-end says of them, and the rings that follow from it.</summary>
internal sealed unsafe class VhostQueues(VirtioDevice device, VhostState state, VhostMemory memory, VhostDirtyLog log)
{
    private VhostInflightMemory? _inflight;

    public VhostAnswer Apply(VhostMessage message)
    {
        var payload = message.Payload.Span;
        var first = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        var second = BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]);
        switch (message.Request)
        {
            case VhostRequest.SetQueueSize:
                Queue(first).Size = (ushort)Math.Min(second, ushort.MaxValue);
                return default;
            case VhostRequest.SetQueueBase:
                SetPosition((int)first, second);
                return default;
            case VhostRequest.SetQueueEnable:
                Queue(first).IsEnabled = second != 0;
                device.Queues[(int)first].IsEnabled = second != 0;
                return default;
            case VhostRequest.SetQueueAddresses:
                Queue(first).Addresses = (
                    BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(payload[24..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(payload[16..]));
                Queue(first).LogAddress = (second & VhostFormat.RingIsLogged) != 0 ? BinaryPrimitives.ReadUInt64LittleEndian(payload[32..]) : null;
                Reopen((int)first);
                return default;
            case VhostRequest.GetQueueBase:
                return new VhostAnswer(Stop((int)first, payload));
            default:
                return ApplyDescriptor(message);
        }
    }

    /// <summary>After memory or features have changed.</summary>
    public void Reopen()
    {
        for (var i = 0; i < state.Queues.Count; i++)
        {
            if ((state.Features & VhostFeatures.Protocol) == 0)
            {
                // Without protocol features nothing could enable it.
                device.Queues[i].IsEnabled = true;
            }

            Reopen(i);
        }
    }

    /// <summary>After a restart of ours. Each driver is told once more: the word of the last batch may have been lost with us.</summary>
    public void Resume()
    {
        if (state.Inflight is { } inflight)
        {
            _inflight = VhostInflightMemory.Map(inflight, device.Queues.Count);
        }

        for (var i = 0; i < state.Queues.Count; i++)
        {
            var (queue, served) = (state.Queues[i], device.Queues[i]);
            served.Call = OpenCall(queue.Call);
            served.Error = OpenCall(queue.Error);
            served.IsEnabled = queue.IsEnabled || (state.Features & VhostFeatures.Protocol) == 0;
            if (queue.Kick is { } kick)
            {
                CheckKick(kick);
                Open(i, position: null);
                served.Call?.Signal();
            }
        }
    }

    public void SetInflight(VhostInflight inflight)
    {
        state.Inflight?.File.Dispose();
        state.Inflight = inflight;
        _inflight?.Dispose();
        _inflight = VhostInflightMemory.Map(inflight, device.Queues.Count);
    }

    public void StopAll()
    {
        for (var i = 0; i < state.Queues.Count; i++)
        {
            device.Queues[i].Stop();
            state.Queues[i].Forget();
        }
    }

    public void Forget() => _inflight?.Dispose();

    /// <summary>
    /// Where the driver's next ring begins; one that is still served ends here (User-Mode Linux says nothing else). Only a front-end that
    /// has kept the record over the end of a connection may be behind it.
    /// </summary>
    private void SetPosition(int index, uint position)
    {
        var queue = Queue((uint)index);
        if (device.Queues[index].Ring is not null)
        {
            Stop(index, queue);
        }
        else if (state.Inflight is { IsOurs: true })
        {
            ForgetRecord(index);
        }

        queue.Position = position;
    }

    private void Stop(int index, VhostQueueState queue)
    {
        queue.Position = device.Queues[index].Ring?.Position ?? queue.Position;
        device.Queues[index].Stop();
        queue.Kick?.Dispose();
        queue.Kick = null;
        ForgetRecord(index);
    }

    /// <summary>A packed ring doesn't say where it stands, so its record would be believed; a split ring's is compared with the ring.</summary>
    private void ForgetRecord(int index)
    {
        if (Features().Packed && RecordOf(index, 1) is var record && record != null)
        {
            PackedLog.Forget(record);
        }
    }

    private byte* RecordOf(int index, ushort size)
    {
        var record = _inflight is { } inflight ? inflight.RecordOf(index, size, Features().Packed) : null;
        return record != null || _inflight is null || !Features().Packed
            ? record
            : throw new VhostProtocolException($"an inflight region without a place for queue {index}, which is packed");
    }

    private VhostAnswer ApplyDescriptor(VhostMessage message)
    {
        var index = (uint)(message.Number & 0xFF);
        var queue = Queue(index);
        var served = device.Queues[(int)index];
        var descriptor = message.TakeDescriptor();
        var reserved = message.Number & ~(0xFFul | VhostFormat.WithoutDescriptor);
        if (reserved != 0)
        {
            descriptor?.Dispose();
            throw new VhostProtocolException($"{message.Request} with {reserved >> 9:x} in its reserved bits");
        }

        if (descriptor is null != ((message.Number & VhostFormat.WithoutDescriptor) != 0))
        {
            descriptor?.Dispose();
            throw new VhostProtocolException($"{message.Request} that doesn't say whether it brings a descriptor");
        }

        switch (message.Request)
        {
            case VhostRequest.SetQueueKick:
                queue.Kick?.Dispose();
                queue.Kick = descriptor;
                CheckKick(descriptor);
                RememberInflight();
                Open((int)index, served.Ring?.Position ?? queue.Position);
                break;
            case VhostRequest.SetQueueCall:
                queue.Call?.Dispose();
                queue.Call = descriptor;
                served.Call?.Stop();
                served.Call = OpenCall(descriptor);
                break;
            case VhostRequest.SetQueueError:
                queue.Error?.Dispose();
                queue.Error = descriptor;
                served.Error?.Stop();
                served.Error = OpenCall(descriptor);
                break;
            default:
                throw new VhostProtocolException($"{message.Request} at no time");
        }

        return default;
    }

    private Call? OpenCall(Microsoft.Win32.SafeHandles.SafeFileHandle? descriptor) => descriptor is null
        ? null
        : Call.TryOpen(device.Loop, descriptor) ?? throw new VhostProtocolException("a call that is no eventfd, pipe or socket");

    /// <summary>Where the queue stands; from here on it is stopped.</summary>
    private byte[] Stop(int index, ReadOnlySpan<byte> payload)
    {
        var queue = Queue((uint)index);
        Stop(index, queue);
        var answer = payload.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), queue.Position);
        return answer;
    }

    private void Reopen(int index)
    {
        if (device.Queues[index].Ring is { } ring)
        {
            Open(index, ring.Position);
        }
    }

    /// <param name="position">Where the driver's next chain is; null: behind all that the rings and the inflight region show.</param>
    private void Open(int index, uint? position)
    {
        var queue = state.Queues[index];
        var served = device.Queues[index];
        served.Stop();
        var ring = Locate(queue, out var place)
            ? Virtqueue.TryOpen(memory.Memory, place, Features(), position, RecordOf(index, place.Size), out var fault)
            : Missing(out fault);
        if (ring is null)
        {
            queue.Position = position ?? queue.Position;
            device.Break(fault);
            return;
        }

        device.IsMemoryTruncated = IsTruncated;
        ring.Writes = log.Of(ring, place, queue.LogAddress);
        served.LogCall = log.Call;
        served.Start(ring, new Kick(device.Loop, Descriptors.Duplicate(queue.Kick!), device));
    }

    /// <summary>A front-end that keeps no inflight region gets one all the same: ours to find again, if anything is.</summary>
    private void RememberInflight()
    {
        if (state.Inflight is null)
        {
            SetInflight(VhostInflightMemory.Create(device.Queues.Count, Virtqueue.LargestSize, isOurs: true));
        }
    }

    private static void CheckKick(Microsoft.Win32.SafeHandles.SafeFileHandle? kick)
    {
        if (kick is null || Descriptors.KindOf(kick) is not DescriptorKind.Event)
        {
            throw new VhostProtocolException("a queue is started without an eventfd for its kicks");
        }
    }

    private static Virtqueue? Missing(out QueueFault fault)
    {
        fault = QueueFault.RingOutsideMemory;
        return null;
    }

    private bool IsTruncated() => memory.Memory.IsTruncated || _inflight is { IsTruncated: true } || log.IsTruncated;

    private QueueFeatures Features() => new(
        (state.Features & VhostFeatures.RingIndirect) != 0,
        (state.Features & VhostFeatures.RingEventIndex) != 0,
        (state.Features & VhostFeatures.RingPacked) != 0);

    private bool Locate(VhostQueueState queue, out QueuePlace place)
    {
        // One byte is enough to find the region: whether the whole part is inside is the queue's to check.
        var found = memory.Memory.TryFindGuestAddress(queue.Addresses.Descriptors, 1, out var descriptors)
            & memory.Memory.TryFindGuestAddress(queue.Addresses.Driver, 1, out var driver)
            & memory.Memory.TryFindGuestAddress(queue.Addresses.Device, 1, out var used);
        place = new QueuePlace(queue.Size, descriptors, driver, used);
        return found;
    }

    private VhostQueueState Queue(uint index) => index < state.Queues.Count
        ? state.Queues[(int)index]
        : throw new VhostProtocolException($"queue {index} of a device with {state.Queues.Count}");
}
