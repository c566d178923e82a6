using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>
/// Calls when a descriptor is readable, again while the callee says so (or arms it later), until <see cref="Stop"/>. Then the descriptor is
/// closed, or, if closing it takes its time, handed back.
/// </summary>
internal sealed class Watch : IRingTarget
{
    private const uint Readable = 0x1;

    private readonly DeviceLoop _loop;
    private readonly SafeFileHandle _handle;
    private readonly Func<bool> _ready;
    private readonly Action _letGo;
    private readonly ulong _userData;
    private bool _isArmed;
    private bool _isStopped;

    public Watch(DeviceLoop loop, SafeFileHandle handle, Func<bool> ready, Action? letGo = null)
    {
        _loop = loop;
        _handle = handle;
        _ready = ready;
        _letGo = letGo ?? handle.Dispose;
        _userData = loop.Register(this);
    }

    public unsafe void Arm()
    {
        if (_isArmed || _isStopped)
        {
            return;
        }

        _isArmed = true;
        var entry = _loop.Ring.Next();
        entry->Operation = IoUring.Operation.Poll;
        entry->Handle = (int)_handle.DangerousGetHandle();
        entry->OperationFlags = Readable;
        entry->UserData = _userData;
    }

    /// <summary>Nothing is called any more. The handle is closed when the kernel has let go of it.</summary>
    public void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        if (!_isArmed)
        {
            Release();
            return;
        }

        _loop.Cancel(_userData);
    }

    public void Complete(int result)
    {
        _isArmed = false;
        if (_isStopped)
        {
            Release();
            return;
        }

        if (_ready())
        {
            Arm();
        }
    }

    private void Release()
    {
        _loop.Unregister(_userData);
        _letGo();
    }
}
