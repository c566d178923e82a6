using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>
/// A queue's kicks: one read of its eventfd at a time, armed only when the device is about to rest. Kicks that come while it works cost
/// nothing; who kicks again and again for nothing is heard once a millisecond.
/// </summary>
internal sealed unsafe class Kick : IRingTarget
{
    private const int MostUseless = 64;
    private static readonly TimeSpan Deafness = TimeSpan.FromMilliseconds(1);

    private readonly DeviceLoop _loop;
    private readonly SafeFileHandle _handle;
    private readonly VirtioDevice _device;
    private readonly ulong _userData;

    // Sound: the kernel writes the count here; freed only when no read is under way.
    private readonly ulong* _count = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));
    private bool _isArmed;
    private bool _isStopped;
    private bool _isDeaf;
    private int _useless;

    public Kick(DeviceLoop loop, SafeFileHandle handle, VirtioDevice device)
    {
        _loop = loop;
        _handle = handle;
        _device = device;
        _userData = loop.Register(this);
    }

    public void Arm()
    {
        if (_isArmed || _isDeaf || _isStopped)
        {
            return;
        }

        if (_useless > MostUseless)
        {
            _isDeaf = true;
            _loop.After(Deafness, () =>
            {
                _isDeaf = false;
                _useless = 0;
                Arm();
            });
            return;
        }

        _isArmed = true;
        var entry = _loop.Ring.Next();
        entry->Operation = IoUring.Operation.Read;
        entry->Handle = (int)_handle.DangerousGetHandle();
        entry->Address = (ulong)_count;
        entry->Length = sizeof(ulong);
        entry->UserData = _userData;
    }

    /// <summary>There was work: kicks are worth hearing.</summary>
    public void WasUseful() => _useless = 0;

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

        _useless++;
        _loop.Activate(_device);
    }

    private void Release()
    {
        _loop.Unregister(_userData);
        _handle.Dispose();
        NativeMemory.Free(_count);
    }
}
