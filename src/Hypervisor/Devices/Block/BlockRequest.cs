using System.Runtime.InteropServices;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>What a driver's request asks for, once its header has been read.</summary>
internal enum BlockVerdict
{
    /// <summary>For the disk.</summary>
    Disk,

    /// <summary>Answered already, with the status that <see cref="BlockRequest.Answer"/> was given.</summary>
    Answered,

    /// <summary>No request at all.</summary>
    Malformed,
}

/// <summary>A driver's request on its way: from its chain to the disk and back to the driver's status byte. Used again and again.</summary>
internal sealed unsafe class BlockRequest : DiskRequest
{
    private const int FewVectors = 8;

    private readonly BlockDevice _device;
    private int _capacity = FewVectors;
    private DeviceQueue _queue = null!;
    private byte* _status;
    private uint _written;

    public BlockRequest(BlockDevice device, IDisk disk)
        : base(device.Loop, disk)
    {
        _device = device;

        // Sound: _capacity long, grown before it is filled, freed by Free only.
        Vectors = (IoVector*)NativeMemory.Alloc(FewVectors, (nuint)sizeof(IoVector));
    }

    private ushort Head { get; set; }

    /// <summary>Takes over what the chain says; nothing of it is read again.</summary>
    public BlockVerdict Parse(DeviceQueue queue, DescriptorChain chain)
    {
        if (chain.ReadableBytes < BlockFormat.HeaderBytes || chain.WritableBytes == 0)
        {
            return BlockVerdict.Malformed;
        }

        _queue = queue;
        Head = chain.Head;
        _written = 1;
        var last = chain.Writable[^1];
        _status = last.Start + last.Length - 1;
        Span<byte> header = stackalloc byte[BlockFormat.HeaderBytes];
        ChainBytes.Copy(chain.Readable, header);
        var type = MemoryMarshal.Read<uint>(header);
        var sector = MemoryMarshal.Read<ulong>(header[8..]);
        return type switch
        {
            BlockFormat.TypeIn => Transfer(DiskOperation.Read, sector, chain.Writable, 0, chain.WritableBytes - 1),
            BlockFormat.TypeOut => Transfer(
                DiskOperation.Write, sector, chain.Readable, BlockFormat.HeaderBytes, chain.ReadableBytes - BlockFormat.HeaderBytes),
            BlockFormat.TypeFlush => Simple(DiskOperation.Flush, 0, 0),
            BlockFormat.TypeGetId => Identify(chain),
            BlockFormat.TypeDiscard => Segment(DiskOperation.Discard, chain),
            BlockFormat.TypeWriteZeroes => Segment(DiskOperation.WriteZeroes, chain),
            _ => Answer(BlockFormat.StatusUnsupported),
        };
    }

    public void Free()
    {
        Unregister();
        NativeMemory.Free(Vectors);
        Vectors = null;
    }

    public BlockVerdict Answer(byte status)
    {
        if (status != BlockFormat.StatusOk)
        {
            _device.Figures.Errors++;
        }

        *_status = status;
        _queue.Ring!.Complete(Head, _written);
        _device.Return(this);
        return BlockVerdict.Answered;
    }

    protected override void Finished(int error)
    {
        _device.Figures.Count(Operation, Bytes);
        _written = Operation is DiskOperation.Read && error == 0 ? (uint)Bytes + 1 : 1;
        Answer(error switch
        {
            0 => BlockFormat.StatusOk,
            BlockFiles.NotSupported => BlockFormat.StatusUnsupported,
            _ => BlockFormat.StatusError,
        });

        // Outside of the device's own turn: it has something to publish.
        _device.Loop.Activate(_device);
    }

    private BlockVerdict Transfer(DiskOperation operation, ulong sector, ReadOnlySpan<IoVector> pieces, ulong skip, ulong bytes)
    {
        if (bytes == 0 || bytes % BlockFormat.SectorBytes != 0 || !IsOnDisk(sector, bytes) || (operation is DiskOperation.Write && Disk.IsReadOnly))
        {
            return Answer(BlockFormat.StatusError);
        }

        if (_capacity < pieces.Length)
        {
            _capacity = pieces.Length;
            Vectors = (IoVector*)NativeMemory.Realloc(Vectors, (nuint)(_capacity * sizeof(IoVector)));
        }

        VectorCount = ChainBytes.Slice(pieces, skip, bytes, Vectors);
        return VectorCount > ChainBytes.MostVectors ? Answer(BlockFormat.StatusError) : Simple(operation, sector * BlockFormat.SectorBytes, bytes);
    }

    private BlockVerdict Simple(DiskOperation operation, ulong offset, ulong bytes)
    {
        (Operation, Offset, Bytes) = (operation, offset, bytes);
        return BlockVerdict.Disk;
    }

    private BlockVerdict Identify(DescriptorChain chain)
    {
        if (chain.WritableBytes < BlockFormat.SerialBytes + 1)
        {
            return Answer(BlockFormat.StatusError);
        }

        ChainBytes.Fill(_device.Serial, chain.Writable);
        _written = BlockFormat.SerialBytes + 1;
        return Answer(BlockFormat.StatusOk);
    }

    private BlockVerdict Segment(DiskOperation operation, DescriptorChain chain)
    {
        Span<byte> data = stackalloc byte[BlockFormat.HeaderBytes + BlockFormat.SegmentBytes];
        if (Disk.IsReadOnly || chain.ReadableBytes != data.Length)
        {
            return Answer(BlockFormat.StatusError);
        }

        ChainBytes.Copy(chain.Readable, data);
        var segment = data[BlockFormat.HeaderBytes..];
        var sector = MemoryMarshal.Read<ulong>(segment);
        var bytes = (ulong)MemoryMarshal.Read<uint>(segment[8..]) * BlockFormat.SectorBytes;
        var flags = MemoryMarshal.Read<uint>(segment[12..]);
        if (flags > (operation is DiskOperation.WriteZeroes ? BlockFormat.MayUnmap : 0))
        {
            return Answer(BlockFormat.StatusUnsupported);
        }

        return bytes == 0 || !IsOnDisk(sector, bytes)
            ? Answer(BlockFormat.StatusError)
            : Simple(operation, sector * BlockFormat.SectorBytes, bytes);
    }

    private bool IsOnDisk(ulong sector, ulong bytes)
    {
        var sectors = Disk.Bytes / BlockFormat.SectorBytes;
        return sector < sectors && bytes / BlockFormat.SectorBytes <= sectors - sector;
    }
}
