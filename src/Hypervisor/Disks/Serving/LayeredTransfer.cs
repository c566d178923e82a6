using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Disks.Serving;

internal enum TransferStage
{
    /// <summary>A part goes between the guest's memory and one place of one file.</summary>
    Direct,

    /// <summary>What the disk reads in a cluster that will be new is being gathered.</summary>
    Gathering,

    /// <summary>The new cluster is being written.</summary>
    NewCluster,
}

/// <summary>Where a request on layers is: which part of it is done, and its one operation of io_uring. Used again and again.</summary>
internal sealed unsafe class LayeredTransfer : IDisposable
{
    private const int FewVectors = 8;

    private readonly byte* _zeroes;
    private int _capacity = FewVectors;

    // Sound: _capacity long, grown before it is filled, freed by Dispose only.
    private IoVector* _vectors = (IoVector*)NativeMemory.Alloc(FewVectors, (nuint)sizeof(IoVector));
    private int _vectorCount;
    private int _first;
    private IoUring.Operation _operation;
    private SafeFileHandle _file = null!;
    private ulong _fileOffset;

    /// <param name="zeroes">A cluster of zeroes that outlives this.</param>
    public LayeredTransfer(byte* zeroes) => _zeroes = zeroes;

    public DiskRequest Request { get; private set; } = null!;

    /// <summary>What the layer's writer knows it by.</summary>
    public ulong Number { get; private set; }

    public TransferStage Stage { get; set; }

    public WriteStep Step { get; set; }

    /// <summary>A cluster's room while one is gathered, else null.</summary>
    public byte* Cluster { get; set; }

    /// <summary>How much of it is gathered.</summary>
    public int Gathered { get; set; }

    /// <summary>Of the operation under way.</summary>
    public int Length { get; private set; }

    private int Left { get; set; }

    public long Position => (long)(Request.Offset + Request.Done);

    public int BytesLeft => (int)Math.Min(1 << 30, Request.Bytes - Request.Done);

    public void Begin(DiskRequest request, ulong number)
    {
        Request = request;
        Number = number;
    }

    /// <summary>Between the guest's memory (or zeroes) and a file.</summary>
    public void Transfer(DeviceLoop loop, SafeFileHandle file, long fileOffset, int length)
    {
        SetPart(length);
        Start(loop, file, fileOffset, length, Request.Operation is DiskOperation.Read);
    }

    public void ReadIntoCluster(DeviceLoop loop, SafeFileHandle file, long fileOffset, int length)
    {
        SetOne(Cluster + Gathered, length);
        Start(loop, file, fileOffset, length, isRead: true);
    }

    public void GatherZeroes(int length)
    {
        new Span<byte>(Cluster + Gathered, length).Clear();
        Gathered += length;
    }

    public void WriteCluster(DeviceLoop loop, SafeFileHandle file)
    {
        SetOne(Cluster, LayerFormat.ClusterBytes);
        Start(loop, file, Step.ClusterOffset, LayerFormat.ClusterBytes, isRead: false);
    }

    public void ClearPart(int length)
    {
        SetPart(length);
        for (var i = 0; i < _vectorCount; i++)
        {
            new Span<byte>(_vectors[i].Start, (int)_vectors[i].Length).Clear();
        }
    }

    /// <summary>Lays the guest's data over the gathered cluster.</summary>
    public void CopyPartIntoCluster()
    {
        SetPart(Step.Length);
        var room = new Span<byte>(Cluster + (Step.FileOffset - Step.ClusterOffset), Step.Length);
        ChainBytes.Copy(new ReadOnlySpan<IoVector>(_vectors, _vectorCount), room);
    }

    /// <summary>True if the operation is complete; else it goes on with the rest.</summary>
    public bool Advance(DeviceLoop loop, int result)
    {
        Left -= result;
        _fileOffset += (ulong)result;
        for (var left = (nuint)result; left > 0;)
        {
            var part = Math.Min(left, _vectors[_first].Length);
            _vectors[_first].Start += part;
            _vectors[_first].Length -= part;
            left -= part;
            _first += _vectors[_first].Length == 0 ? 1 : 0;
        }

        if (Left > 0)
        {
            Submit(loop);
        }

        return Left == 0;
    }

    public void Submit(DeviceLoop loop)
    {
        var entry = loop.Ring.Next();
        entry->Operation = _operation;
        entry->Handle = (int)_file.DangerousGetHandle();
        entry->Offset = _fileOffset;
        entry->Address = (ulong)(_vectors + _first);
        entry->Length = (uint)(_vectorCount - _first);
        entry->UserData = Request.UserData;
    }

    public void Dispose()
    {
        NativeMemory.Free(_vectors);
        _vectors = null;
    }

    private void Start(DeviceLoop loop, SafeFileHandle file, long fileOffset, int length, bool isRead)
    {
        (_file, _fileOffset, _first, Length, Left) = (file, (ulong)fileOffset, 0, length, length);
        _operation = isRead ? IoUring.Operation.ReadVector : IoUring.Operation.WriteVector;
        Submit(loop);
    }

    private void SetOne(byte* start, int length)
    {
        _vectors[0] = new IoVector { Start = start, Length = (nuint)length };
        _vectorCount = 1;
    }

    /// <summary>The part of the guest's memory that comes next; zeroes for a request that has none.</summary>
    private void SetPart(int length)
    {
        if (Request.Operation is not (DiskOperation.Read or DiskOperation.Write))
        {
            SetOne(_zeroes, length);
            return;
        }

        if (_capacity < Request.VectorCount)
        {
            _capacity = Request.VectorCount;
            _vectors = (IoVector*)NativeMemory.Realloc(_vectors, (nuint)(_capacity * sizeof(IoVector)));
        }

        var all = new ReadOnlySpan<IoVector>(Request.Vectors, Request.VectorCount);
        _vectorCount = ChainBytes.Slice(all, Request.Done, (ulong)length, _vectors);
    }
}
