using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Disks.Serving;

/// <summary>
/// A disk of layers for a block device: what <see cref="OverlayDisk"/> does, with io_uring on a loop. A request is done part by part, each
/// within one place of one file; who meets a cluster that another request is filling waits for it.
/// </summary>
internal sealed class LayeredDisk : IDisk
{
    private const int Again = 11;
    private const int Interrupted = 4;

    private readonly OverlayDisk _disk;
    private readonly SafeFileHandle _top;
    private readonly LayeredFlushes _flushes;
    private readonly TransferPool _transfers = new();
    private readonly Queue<LayeredTransfer> _waiting = new();
    private readonly Action _closed;

    /// <summary>On the loop's thread. All files of the disk are <see cref="DiskFile"/>s.</summary>
    /// <param name="closed">Called when the disk is not used any more; it is the caller's to close.</param>
    public LayeredDisk(DeviceLoop loop, OverlayDisk disk, bool isReadOnly, Action closed)
    {
        _disk = disk;
        IsReadOnly = isReadOnly;
        _closed = closed;
        _top = HandleOf(disk.Chain.Top.File);
        _flushes = new LayeredFlushes(loop, disk.Writer, _top, Release);
    }

    public ulong Bytes => (ulong)_disk.DiskBytes;

    public bool IsReadOnly { get; }

    private LayerWriter Writer => _disk.Writer;

    public void Begin(DeviceLoop loop, DiskRequest request)
    {
        if (request.Operation is DiskOperation.Flush)
        {
            _flushes.Flush(request);
            return;
        }

        ulong number;
        try
        {
            number = Writer.BeginRequest();
        }
        catch (IOException)
        {
            request.Finish(BlockFiles.InputOutputError);
            return;
        }

        var transfer = _transfers.Of(request);
        transfer.Begin(request, number);
        GoOn(loop, transfer);
    }

    public void Continue(DeviceLoop loop, DiskRequest request, int result)
    {
        var transfer = _transfers.Of(request);
        if (result is -Again or -Interrupted)
        {
            transfer.Submit(loop);
            return;
        }

        if (result <= 0)
        {
            // A file that ends before it may is damaged.
            End(loop, transfer, result == 0 ? BlockFiles.InputOutputError : -result);
            return;
        }

        if (transfer.Advance(loop, result))
        {
            FinishPart(loop, transfer);
        }
    }

    /// <summary>Only while no request is in flight.</summary>
    public void Dispose() => _flushes.Dispose();

    private static SafeFileHandle HandleOf(IDiskFile file) => ((DiskFile)file).Handle;

    private void FinishPart(DeviceLoop loop, LayeredTransfer transfer)
    {
        switch (transfer.Stage)
        {
            case TransferStage.Gathering:
                transfer.Gathered += transfer.Length;
                Gather(loop, transfer);
                return;
            case TransferStage.NewCluster:
                try
                {
                    Writer.Publish(transfer.Step);
                }
                catch (IOException)
                {
                    End(loop, transfer, BlockFiles.InputOutputError);
                    return;
                }

                transfer.Request.Done += (ulong)transfer.Step.Length;
                _transfers.TakeRoom(transfer);
                transfer.Stage = TransferStage.Direct;
                GoOn(loop, transfer);
                WakeWaiting(loop);
                return;
            default:
                transfer.Request.Done += (ulong)transfer.Length;
                GoOn(loop, transfer);
                return;
        }
    }

    /// <summary>Does what can be done at once, up to the next operation, the next wait, or the end.</summary>
    private void GoOn(DeviceLoop loop, LayeredTransfer transfer)
    {
        try
        {
            var isUnderWay = false;
            transfer.Stage = TransferStage.Direct;
            while (!isUnderWay && transfer.BytesLeft > 0)
            {
                isUnderWay = transfer.Request.Operation switch
                {
                    DiskOperation.Read => Read(loop, transfer),
                    DiskOperation.Write => Write(loop, transfer, transfer.BytesLeft),
                    _ => Clear(loop, transfer),
                };
            }

            if (!isUnderWay)
            {
                End(loop, transfer, 0);
            }
        }
        catch (IOException)
        {
            End(loop, transfer, BlockFiles.NoSpace);
        }
    }

    private bool Read(DeviceLoop loop, LayeredTransfer transfer)
    {
        var segment = _disk.Chain.Map(transfer.Position, transfer.BytesLeft);
        if (segment.File is not null)
        {
            transfer.Transfer(loop, HandleOf(segment.File), segment.FileOffset, segment.Length);
            return true;
        }

        transfer.ClearPart(segment.Length);
        transfer.Request.Done += (ulong)segment.Length;
        return false;
    }

    private bool Write(DeviceLoop loop, LayeredTransfer transfer, int length)
    {
        var step = Writer.MapWrite(transfer.Position, length);
        switch (step.Kind)
        {
            case WriteKind.Wait:
                _waiting.Enqueue(transfer);
                break;
            case WriteKind.InPlace:
                transfer.Transfer(loop, _top, step.FileOffset, Extend(step, length));
                break;
            default:
                Fill(loop, transfer, step);
                break;
        }

        return true;
    }

    /// <summary>How far the write may go on in one piece of the file.</summary>
    private int Extend(WriteStep step, int length)
    {
        var extended = step.Length;
        while (extended < length)
        {
            var location = _disk.Chain.Top.Map.Find((uint)((step.DiskOffset + extended) / LayerFormat.ClusterBytes));
            if (!location.IsData || (long)location.Cluster * LayerFormat.ClusterBytes != step.FileOffset + extended)
            {
                break;
            }

            extended += Math.Min(length - extended, LayerFormat.ClusterBytes);
        }

        return extended;
    }

    private void Fill(DeviceLoop loop, LayeredTransfer transfer, WriteStep step)
    {
        transfer.Step = step;
        if (step.Length == LayerFormat.ClusterBytes || (step.IsFresh && ReadsZeroes(step.DiskCluster)))
        {
            transfer.Stage = TransferStage.NewCluster;
            transfer.Transfer(loop, _top, step.FileOffset, step.Length);
            return;
        }

        transfer.Stage = TransferStage.Gathering;
        _transfers.GiveRoom(transfer);
        Gather(loop, transfer);
    }

    /// <summary>What the disk reads in the cluster now, and the new data in it.</summary>
    private void Gather(DeviceLoop loop, LayeredTransfer transfer)
    {
        while (transfer.Gathered < LayerFormat.ClusterBytes)
        {
            var at = (long)transfer.Step.DiskCluster * LayerFormat.ClusterBytes + transfer.Gathered;
            var segment = _disk.Chain.Map(at, LayerFormat.ClusterBytes - transfer.Gathered);
            if (segment.File is not null)
            {
                transfer.ReadIntoCluster(loop, HandleOf(segment.File), segment.FileOffset, segment.Length);
                return;
            }

            transfer.GatherZeroes(segment.Length);
        }

        transfer.CopyPartIntoCluster();
        transfer.Stage = TransferStage.NewCluster;
        transfer.WriteCluster(loop, _top);
    }

    /// <summary>A discard or zeroes: whole clusters are only forgotten, parts of clusters are written if they must read as zeroes.</summary>
    private bool Clear(DeviceLoop loop, LayeredTransfer transfer)
    {
        var (position, within) = (transfer.Position, (int)(transfer.Position % LayerFormat.ClusterBytes));
        var part = Math.Min(transfer.BytesLeft, LayerFormat.ClusterBytes - within);
        var cluster = (uint)(position / LayerFormat.ClusterBytes);
        if (part == LayerFormat.ClusterBytes)
        {
            if (!Writer.TryForget(cluster, _disk.Chain.HasBelow(cluster) ? Location.Zeroes : Location.Absent))
            {
                _waiting.Enqueue(transfer);
                return true;
            }
        }
        else if (transfer.Request.Operation is DiskOperation.WriteZeroes
            && _disk.Chain.Map(position, part) is var segment && (segment.File is not null || segment.Length < part))
        {
            return Write(loop, transfer, part);
        }

        transfer.Request.Done += (ulong)part;
        return false;
    }

    private bool ReadsZeroes(uint cluster) =>
        _disk.Chain.Map((long)cluster * LayerFormat.ClusterBytes, LayerFormat.ClusterBytes) is { File: null, Length: LayerFormat.ClusterBytes };

    private void End(DeviceLoop loop, LayeredTransfer transfer, int error)
    {
        var wasFilling = transfer.Stage is not TransferStage.Direct;
        if (wasFilling)
        {
            Writer.Abandon(transfer.Step);
            _transfers.TakeRoom(transfer);
            transfer.Stage = TransferStage.Direct;
        }

        Writer.EndRequest(transfer.Number);
        transfer.Request.Finish(error);
        if (wasFilling)
        {
            WakeWaiting(loop);
        }
    }

    /// <summary>A cluster is filled, or nobody fills it any more. Those who go on waiting are at the end of the line again, each once.</summary>
    private void WakeWaiting(DeviceLoop loop)
    {
        for (var count = _waiting.Count; count > 0 && _waiting.TryDequeue(out var transfer); count--)
        {
            GoOn(loop, transfer);
        }
    }

    private void Release()
    {
        _transfers.Dispose();
        _closed();
    }
}
