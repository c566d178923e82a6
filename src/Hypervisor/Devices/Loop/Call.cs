using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>
/// How a driver is told: a write of 8 bytes to an eventfd, a pipe or a socket (User-Mode Linux), by io_uring, together with whatever else
/// the pass submits. A front-end that makes its descriptor block thereby blocks a worker of the kernel, not the loop.
/// </summary>
internal sealed unsafe class Call : IRingTarget
{
    // Sound: the kernel reads the 1 from here; never freed, one in the process.
    private static readonly ulong* One = MakeOne();

    private readonly DeviceLoop _loop;
    private readonly SafeFileHandle _handle;
    private readonly bool _isSocket;
    private readonly ulong _userData;
    private bool _isUnderWay;
    private bool _isWantedAgain;
    private bool _isStopped;

    private Call(DeviceLoop loop, SafeFileHandle handle, bool isSocket = false)
    {
        _loop = loop;
        _handle = handle;
        _isSocket = isSocket;
        _userData = loop.Register(this);
    }

    /// <summary>Null if the descriptor is none of the three.</summary>
    public static Call? TryOpen(DeviceLoop loop, SafeFileHandle given)
    {
        switch (Descriptors.KindOf(given))
        {
            case DescriptorKind.Event:
                var handle = Descriptors.Duplicate(given);
                Descriptors.MakeNonBlocking(handle);
                return new Call(loop, handle);
            case DescriptorKind.Pipe when Descriptors.ReopenForWriting(given) is { } pipe:
                return new Call(loop, pipe);
            case DescriptorKind.Socket:
                return new Call(loop, Descriptors.Duplicate(given), isSocket: true);
            default:
                return null;
        }
    }

    public void Signal()
    {
        // One that is still under way may have been seen before what it is wanted for now.
        if (_isUnderWay)
        {
            _isWantedAgain = true;
            return;
        }

        _isUnderWay = true;
        var entry = _loop.Ring.Next();
        entry->Operation = _isSocket ? IoUring.Operation.Send : IoUring.Operation.Write;
        entry->OperationFlags = _isSocket ? UnixSockets.DontWait | UnixSockets.NoSignal : 0u;
        entry->Handle = (int)_handle.DangerousGetHandle();
        entry->Address = (ulong)One;
        entry->Length = sizeof(ulong);
        entry->UserData = _userData;
    }

    public void Stop()
    {
        _isStopped = true;
        if (!_isUnderWay)
        {
            Release();
            return;
        }

        // Only a front-end that doesn't want to be told lets it wait.
        _loop.Cancel(_userData);
    }

    public void Complete(int result)
    {
        _isUnderWay = false;
        if (_isStopped)
        {
            Release();
        }
        else if (_isWantedAgain)
        {
            _isWantedAgain = false;
            Signal();
        }
    }

    private static ulong* MakeOne()
    {
        var one = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *one = 1;
        return one;
    }

    private void Release()
    {
        _loop.Unregister(_userData);
        _handle.Dispose();
    }
}
