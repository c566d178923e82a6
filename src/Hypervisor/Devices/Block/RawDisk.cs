using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>
/// A file or a block device, byte for byte. Reads and writes go through io_uring; where the file's pages are memory (tmpfs) the thread
/// copies them itself, which no device can delay.
/// </summary>
internal sealed unsafe class RawDisk : IDisk
{
    private const int SectorBytes = 512;
    private const uint DataOnly = 1;
    private const int Again = 11;
    private const int Interrupted = 4;

    private readonly SafeFileHandle _file;
    private readonly bool _isMemory;

    private RawDisk(SafeFileHandle file, bool isReadOnly)
    {
        _file = file;
        _isMemory = SharedMemory.IsMemory(file);
        IsReadOnly = isReadOnly;
        Bytes = (ulong)RandomAccess.GetLength(file) / SectorBytes * SectorBytes;
    }

    public ulong Bytes { get; private set; }

    public bool IsReadOnly { get; }

    /// <exception cref="IOException">It isn't there, or may not be opened so.</exception>
    public static RawDisk Open(string path, bool isReadOnly) =>
        new(File.OpenHandle(path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite), isReadOnly);

    /// <summary>Looks at the file again, which has grown or shrunk.</summary>
    public void Refresh() => Bytes = (ulong)RandomAccess.GetLength(_file) / SectorBytes * SectorBytes;

    public void Begin(DeviceLoop loop, DiskRequest request)
    {
        if (_isMemory)
        {
            request.Finish(DoNow(request));
        }
        else
        {
            Submit(loop, request);
        }
    }

    public void Continue(DeviceLoop loop, DiskRequest request, int result)
    {
        if (result is -Again or -Interrupted)
        {
            Submit(loop, request);
        }
        else if (result < 0)
        {
            Fail(loop, request, -result);
        }
        else if (request.Operation is not (DiskOperation.Read or DiskOperation.Write) || Advance(request, result))
        {
            request.Finish(0);
        }
        else if (result == 0)
        {
            // The file ends before the disk does: someone has shortened it.
            request.Finish(BlockFiles.InputOutputError);
        }
        else
        {
            Submit(loop, request);
        }
    }

    public void Dispose() => _file.Dispose();

    private int DoNow(DiskRequest request)
    {
        switch (request.Operation)
        {
            case DiskOperation.Flush:
                return 0;
            case DiskOperation.Discard:
            case DiskOperation.WriteZeroes:
                return (int)-BlockFiles.Allocate(_file, BlockFiles.PunchHole, request.Offset, request.Bytes);
            default:
                while (true)
                {
                    var offset = request.Offset + request.Done;
                    var result = request.Operation is DiskOperation.Read
                        ? BlockFiles.Read(_file, request.Vectors, request.VectorCount, offset)
                        : BlockFiles.Write(_file, request.Vectors, request.VectorCount, offset);
                    if (result == 0 || result is < 0 and not -Interrupted)
                    {
                        return result == 0 ? BlockFiles.InputOutputError : (int)-result;
                    }

                    if (result > 0 && Advance(request, (int)result))
                    {
                        return 0;
                    }
                }
        }
    }

    private void Submit(DeviceLoop loop, DiskRequest request)
    {
        var entry = loop.Ring.Next();
        entry->Handle = (int)_file.DangerousGetHandle();
        entry->UserData = request.UserData;
        switch (request.Operation)
        {
            case DiskOperation.Flush:
                entry->Operation = IoUring.Operation.Synchronize;
                entry->OperationFlags = DataOnly;
                break;
            case DiskOperation.Discard:
            case DiskOperation.WriteZeroes:
                // The mode stands where a length would, the length where an address would.
                entry->Operation = IoUring.Operation.Allocate;
                entry->Offset = request.Offset;
                entry->Address = request.Bytes;
                entry->Length = (uint)(request.Operation is DiskOperation.Discard || request.Done > 0 ? BlockFiles.PunchHole : BlockFiles.ZeroRange);
                break;
            default:
                Transfer(entry, request);
                break;
        }
    }

    private static void Transfer(IoUring.Entry* entry, DiskRequest request)
    {
        var isRead = request.Operation is DiskOperation.Read;
        var isOne = request.VectorCount == 1;
        entry->Operation = (isRead, isOne) switch
        {
            (true, true) => IoUring.Operation.Read,
            (true, false) => IoUring.Operation.ReadVector,
            (false, true) => IoUring.Operation.Write,
            _ => IoUring.Operation.WriteVector,
        };
        entry->Offset = request.Offset + request.Done;
        entry->Address = isOne ? (ulong)request.Vectors->Start : (ulong)request.Vectors;
        entry->Length = isOne ? (uint)request.Vectors->Length : (uint)request.VectorCount;
    }

    /// <summary>A file system may lack an operation; zeros can also be had by making a hole.</summary>
    private void Fail(DeviceLoop loop, DiskRequest request, int error)
    {
        if (error == BlockFiles.NotSupported && request is { Operation: DiskOperation.WriteZeroes, Done: 0 })
        {
            request.Done = 1;
            Submit(loop, request);
        }
        else
        {
            // A discard is a hint: nothing is wrong if nothing comes of it.
            request.Finish(error == BlockFiles.NotSupported && request.Operation is DiskOperation.Discard ? 0 : error);
        }
    }

    /// <summary>Strikes off what was done. True if that was all.</summary>
    private static bool Advance(DiskRequest request, int result)
    {
        request.Done += (ulong)result;
        if (request.Done == request.Bytes)
        {
            return true;
        }

        var vectors = request.Vectors;
        var (left, at) = ((nuint)result, 0);
        while (left >= vectors[at].Length)
        {
            left -= vectors[at].Length;
            vectors[at++].Length = 0;
        }

        vectors[at].Start += left;
        vectors[at].Length -= left;
        return false;
    }
}
