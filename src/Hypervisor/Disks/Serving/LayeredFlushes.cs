using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Disks.Serving;

/// <summary>
/// Carries out the flushes of a layered disk, one commit at a time; requests that come meanwhile share the next.
/// <code>
///   Pages ──► Barrier ──► Head ──► LastBarrier ──► (answered) ──► Holes ──► the next
///   nothing to commit: LastBarrier alone
/// </code>
/// </summary>
internal sealed unsafe class LayeredFlushes : IRingTarget
{
    private const int Again = 11;
    private const int Interrupted = 4;
    private const uint DataOnly = 1;
    private const int RoomBytes = LayerFormat.ClusterBytes;

    private readonly DeviceLoop _loop;
    private readonly LayerWriter _writer;
    private readonly SafeFileHandle _file;
    private readonly ulong _userData;
    private readonly Action _release;

    // Sound: RoomBytes long, freed by Release only, when no operation is under way.
    private readonly byte* _room = (byte*)NativeMemory.Alloc(RoomBytes);
    private List<DiskRequest> _answered = [];
    private List<DiskRequest> _waiting = [];
    private Stage _stage;
    private LayerCommit? _commit;
    private IReadOnlyList<uint> _unused = [];
    private int _next;
    private bool _isDisposed;

    private enum Stage
    {
        Idle,
        Pages,
        Barrier,
        Head,
        LastBarrier,
        Holes,
    }

    /// <param name="release">Called when <see cref="Dispose"/> was, and nothing is under way any more.</param>
    public LayeredFlushes(DeviceLoop loop, LayerWriter writer, SafeFileHandle file, Action release)
    {
        _loop = loop;
        _writer = writer;
        _file = file;
        _release = release;
        _userData = loop.Register(this);
    }

    public void Flush(DiskRequest request)
    {
        _waiting.Add(request);
        if (_stage is Stage.Idle)
        {
            Begin();
        }
    }

    /// <summary>No request waits any more; holes may still be made.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (_stage is Stage.Idle)
        {
            Release();
        }
    }

    public void Complete(int result)
    {
        if (result is -Again or -Interrupted)
        {
            Submit();
        }
        else if (result < 0 && _stage is not Stage.Holes)
        {
            Fail(-result);
        }
        else if (_stage is Stage.Pages or Stage.Head && result != _length)
        {
            Fail(BlockFiles.InputOutputError);
        }
        else
        {
            Advance();
        }
    }

    private int _length;

    private void Begin()
    {
        (_answered, _waiting) = (_waiting, _answered);
        try
        {
            _commit = _writer.BeginCommit();
        }
        catch (IOException)
        {
            Answer(BlockFiles.InputOutputError);
            return;
        }

        (_stage, _next) = (_commit is null ? Stage.LastBarrier : Stage.Pages, 0);
        if (_stage is Stage.Pages && _commit!.Pages.Count == 0)
        {
            _stage = Stage.Barrier;
        }

        Submit();
    }

    private void Advance()
    {
        switch (_stage)
        {
            case Stage.Pages:
                _next += _length / LayerFormat.PageBytes;
                _stage = _next == _commit!.Pages.Count ? Stage.Barrier : Stage.Pages;
                break;
            case Stage.Barrier:
                _stage = Stage.Head;
                break;
            case Stage.Head:
                _stage = Stage.LastBarrier;
                break;
            case Stage.LastBarrier:
                End();
                return;
            case Stage.Holes:
                _next++;
                MakeHoles();
                return;
        }

        Submit();
    }

    private void End()
    {
        (_unused, _next) = (_commit is null ? [] : _writer.EndCommit(), 0);
        _commit = null;
        _stage = Stage.Holes;
        var answered = _answered;
        foreach (var request in answered)
        {
            request.Finish(0);
        }

        answered.Clear();
        MakeHoles();
    }

    /// <summary>Room goes back to the host before the layer uses it again. A host that can't take it is no failure.</summary>
    private void MakeHoles()
    {
        if (_next < _unused.Count)
        {
            Submit();
            return;
        }

        _writer.Reuse(_unused);
        _unused = [];
        _stage = Stage.Idle;
        GoOn();
    }

    /// <summary>Before the first barrier the layer is as it was; after it nobody knows what the medium has.</summary>
    private void Fail(int error)
    {
        if (_stage is Stage.Pages)
        {
            _writer.AbandonCommit();
        }
        else
        {
            _writer.Fail($"flushing failed with error {error}");
        }

        _commit = null;
        Answer(error);
    }

    private void Answer(int error)
    {
        _stage = Stage.Idle;
        foreach (var request in _answered)
        {
            request.Finish(error);
        }

        _answered.Clear();
        GoOn();
    }

    private void GoOn()
    {
        if (_waiting.Count > 0)
        {
            Begin();
        }
        else if (_isDisposed)
        {
            Release();
        }
    }

    private void Submit()
    {
        var entry = _loop.Ring.Next();
        entry->Handle = (int)_file.DangerousGetHandle();
        entry->UserData = _userData;
        switch (_stage)
        {
            case Stage.Pages:
                entry->Operation = IoUring.Operation.Write;
                entry->Offset = (ulong)_commit!.Pages[_next].Offset;
                _length = GatherPages();
                entry->Address = (ulong)_room;
                entry->Length = (uint)_length;
                break;
            case Stage.Head:
                entry->Operation = IoUring.Operation.Write;
                entry->Offset = (ulong)_commit!.Head.Offset;
                _length = _commit.Head.Data.Length;
                _commit.Head.Data.CopyTo(new Span<byte>(_room, RoomBytes));
                entry->Address = (ulong)_room;
                entry->Length = (uint)_length;
                break;
            case Stage.Holes:
                // The mode stands where a length would, the length where an address would.
                entry->Operation = IoUring.Operation.Allocate;
                entry->Offset = (ulong)_unused[_next] * LayerFormat.ClusterBytes;
                entry->Address = LayerFormat.ClusterBytes;
                entry->Length = BlockFiles.PunchHole;
                break;
            default:
                entry->Operation = IoUring.Operation.Synchronize;
                entry->OperationFlags = DataOnly;
                break;
        }
    }

    /// <summary>Pages that follow each other in the file are one write.</summary>
    private int GatherPages()
    {
        var pages = _commit!.Pages;
        var count = 0;
        while (_next + count < pages.Count && count < RoomBytes / LayerFormat.PageBytes
            && pages[_next + count].Offset == pages[_next].Offset + (long)count * LayerFormat.PageBytes)
        {
            pages[_next + count].Data.CopyTo(new Span<byte>(_room + count * LayerFormat.PageBytes, LayerFormat.PageBytes));
            count++;
        }

        return count * LayerFormat.PageBytes;
    }

    private void Release()
    {
        _loop.Unregister(_userData);
        NativeMemory.Free(_room);
        _release();
    }
}
