using System.Buffers.Binary;
using Orchestrator.Hypervisor.Network.Switching;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Devices.Network;

/// <summary>
/// Puts frames into the buffers that a driver has offered: one for each frame, or as many as it takes where the driver lets buffers
/// be merged.
/// </summary>
internal sealed class ReceiveBuffers : IDisposable
{
    private const int MostBuffers = 16;

    private readonly DescriptorChain[] _chains = [.. Enumerable.Range(0, MostBuffers).Select(_ => new DescriptorChain())];
    private readonly byte[] _bytes = new byte[NetworkFormat.HeaderBytes + NetworkFormat.MostFrameBytes];

    /// <summary>False if there aren't buffers enough; those that would not have sufficed go back empty.</summary>
    /// <param name="features">What the driver has accepted.</param>
    public bool Put(Virtqueue ring, in Frame frame, ulong features)
    {
        var needed = NetworkFormat.HeaderBytes + frame.Bytes.Length;
        var most = (features & NetworkFormat.MergeableBuffers) != 0 ? MostBuffers : 1;
        var (taken, room) = (0, 0);
        while (room < needed && taken < most && ring.Take(_chains[taken]) is TakeResult.Taken)
        {
            room += (int)Math.Min(_chains[taken++].WritableBytes, (uint)_bytes.Length);
        }

        var data = room < needed ? [] : Compose(frame, taken, (features & NetworkFormat.GuestPartialChecksums) != 0);
        for (var i = 0; i < taken; i++)
        {
            var written = ChainBytes.Fill(data, _chains[i].Writable);
            ring.Complete(_chains[i].Head, (uint)written);
            data = data[written..];
        }

        return room >= needed;
    }

    public void Dispose()
    {
        foreach (var chain in _chains)
        {
            chain.Dispose();
        }
    }

    /// <summary>In memory of our own: the same frame may go to others, each with a header of its own.</summary>
    private Span<byte> Compose(in Frame frame, int buffers, bool mayLeaveChecksum)
    {
        var data = _bytes.AsSpan(0, NetworkFormat.HeaderBytes + frame.Bytes.Length);
        data[..NetworkFormat.HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(data[NetworkFormat.BufferCountAt..], (ushort)buffers);
        frame.Bytes.CopyTo(data[NetworkFormat.HeaderBytes..]);
        if (frame.ChecksumStart >= 0 && mayLeaveChecksum)
        {
            data[0] = NetworkFormat.NeedsChecksum;
            BinaryPrimitives.WriteUInt16LittleEndian(data[PendingFrame.ChecksumStartAt..], (ushort)frame.ChecksumStart);
            BinaryPrimitives.WriteUInt16LittleEndian(data[PendingFrame.ChecksumOffsetAt..], (ushort)frame.ChecksumOffset);
        }
        else if (frame.ChecksumStart >= 0)
        {
            PartialChecksum.Complete(data[NetworkFormat.HeaderBytes..], frame.ChecksumStart, frame.ChecksumOffset);
        }

        return data;
    }
}
