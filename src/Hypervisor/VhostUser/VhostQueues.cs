using System.Buffers.Binary;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>The queues of a conversation: what the front-end says of them, and the rings that follow from it.</summary>
internal sealed class VhostQueues(VirtioDevice device, VhostState state, VhostMemory memory)
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
                Queue(first).Position = (ushort)second;
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

    private VhostAnswer ApplyDescriptor(VhostMessage message)
    {
        var index = (uint)(message.Number & 0xFF);
        var queue = Queue(index);
        var served = device.Queues[(int)index];
        var descriptor = message.TakeDescriptor();
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
                Open((int)index, (ushort)(served.Ring?.Position ?? queue.Position));
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
        queue.Position = (ushort)(device.Queues[index].Ring?.Position ?? queue.Position);
        device.Queues[index].Stop();
        queue.Kick?.Dispose();
        queue.Kick = null;
        var answer = payload.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), queue.Position);
        return answer;
    }

    private void Reopen(int index)
    {
        if (device.Queues[index].Ring is { } ring)
        {
            Open(index, (ushort)ring.Position);
        }
    }

    /// <param name="position">Where the driver's next chain is; null: behind all that the rings and the inflight region show.</param>
    private void Open(int index, ushort? position)
    {
        var queue = state.Queues[index];
        var served = device.Queues[index];
        served.Stop();
        var ring = Locate(queue, out var place)
            ? SplitQueue.TryOpen(memory.Memory, place, Features(), position, _inflight?.LogOf(index, place.Size), out var fault)
            : Missing(out fault);
        if (ring is null)
        {
            queue.Position = position ?? queue.Position;
            device.Break(fault);
            return;
        }

        device.IsMemoryTruncated = IsTruncated;
        served.Start(ring, new Kick(device.Loop, Descriptors.Duplicate(queue.Kick!), device));
    }

    /// <summary>A front-end that keeps no inflight region gets one all the same: ours to find again, if anything is.</summary>
    private void RememberInflight()
    {
        if (state.Inflight is null)
        {
            SetInflight(VhostInflightMemory.Create(device.Queues.Count, Virtqueue.LargestSize));
        }
    }

    private static void CheckKick(Microsoft.Win32.SafeHandles.SafeFileHandle? kick)
    {
        if (kick is null || Descriptors.KindOf(kick) is not DescriptorKind.Event)
        {
            throw new VhostProtocolException("a queue is started without an eventfd for its kicks");
        }
    }

    private static SplitQueue? Missing(out QueueFault fault)
    {
        fault = QueueFault.RingOutsideMemory;
        return null;
    }

    private bool IsTruncated() => memory.Memory.IsTruncated || _inflight is { IsTruncated: true };

    private QueueFeatures Features() => new(
        (state.Features & VhostFeatures.RingIndirect) != 0, (state.Features & VhostFeatures.RingEventIndex) != 0);

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
