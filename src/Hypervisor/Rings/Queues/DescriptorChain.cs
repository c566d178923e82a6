using System.Runtime.InteropServices;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// One request of a guest as pieces of host memory, those that the device reads first. Filled again and again by
/// <see cref="Virtqueue.Take"/>; good until the next time.
/// </summary>
internal sealed unsafe class DescriptorChain : IDisposable
{
    // A buffer that lies across regions takes one piece for each.
    private const int MostPieces = 2 * Virtqueue.LargestSize;

    // Sound: MostPieces long, freed by Dispose only; Add never writes past it.
    private IoVector* _pieces = (IoVector*)NativeMemory.Alloc(MostPieces, (nuint)sizeof(IoVector));
    private ulong _bytes;

    public ushort Head { get; private set; }

    public int ReadableCount { get; private set; }

    public int WritableCount { get; private set; }

    public uint ReadableBytes { get; private set; }

    public uint WritableBytes { get; private set; }

    public ReadOnlySpan<IoVector> Readable => new(_pieces, ReadableCount);

    public ReadOnlySpan<IoVector> Writable => new(_pieces + ReadableCount, WritableCount);

    public void Begin(ushort head)
    {
        Head = head;
        ReadableCount = 0;
        WritableCount = 0;
        ReadableBytes = 0;
        WritableBytes = 0;
        _bytes = 0;
    }

    /// <summary>Appends a buffer of the guest, or says what is wrong with it.</summary>
    public QueueFault Add(GuestMemory memory, ulong address, uint length, bool writable)
    {
        if (length == 0)
        {
            return QueueFault.BufferEmpty;
        }

        if (!writable && WritableCount > 0)
        {
            return QueueFault.ReadableAfterWritable;
        }

        _bytes += length;
        if (_bytes > uint.MaxValue)
        {
            return QueueFault.BuffersTooLarge;
        }

        for (ulong done = 0; done < length;)
        {
            // A region never ends beyond the last address, so a sum that wraps around follows no piece.
            var piece = memory.Resolve(address + done, length - done, out var start);
            if (piece == 0 || address + done < address)
            {
                return QueueFault.BufferOutsideMemory;
            }

            if (ReadableCount + WritableCount == MostPieces)
            {
                return QueueFault.ChainTooLong;
            }

            _pieces[ReadableCount + WritableCount] = new IoVector { Start = start, Length = (nuint)piece };
            Count(writable, (uint)piece);
            done += piece;
        }

        return QueueFault.None;
    }

    public void Dispose()
    {
        NativeMemory.Free(_pieces);
        _pieces = null;
    }

    private void Count(bool writable, uint bytes)
    {
        if (writable)
        {
            WritableCount++;
            WritableBytes += bytes;
        }
        else
        {
            ReadableCount++;
            ReadableBytes += bytes;
        }
    }
}
