using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>
/// io_uring(7), spoken directly: one submission ring, one completion ring, one system call for both. One thread owns it: the one that
/// made it, where the kernel can use that.
/// </summary>
internal sealed unsafe partial class IoUring : IDisposable
{
    private const int SetupCall = 425;
    private const int EnterCall = 426;
    private const int ParameterBytes = 120;
    private const uint CompletionSize = 1 << 3;
    private const uint Clamp = 1 << 4;
    private const uint CooperativeTasks = 1 << 8;
    private const uint TaskFlag = 1 << 9;
    private const uint SingleIssuer = 1 << 12;
    private const uint DeferredTasks = 1 << 13;
    private const uint GetEvents = 1;
    private const uint ExtendedArgument = 8;
    private const uint CompletionsWait = 0x2 | 0x4; // overflown, or work of the kernel's that only an enter does
    private const ulong SubmissionEntriesOffset = 0x10000000;
    private const uint CancelAll = 1 << 0;
    private const uint CancelAny = 1 << 2;
    private const long LookNanoseconds = 10_000_000;
    private const int CompletionBytes = 16;
    private const int InvalidArgument = 22;
    private const int Interrupted = 4;
    private const int TimedOut = 62;
    private const int TryAgain = 11;
    private const int Busy = 16;

    private readonly SafeFileHandle _handle;

    // Sound: the kernel's own offsets into mappings that live until Dispose; indices are masked.
    private readonly byte* _rings;
    private readonly ulong _ringsBytes;
    private readonly Entry* _entries;
    private readonly uint _entryCount;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _submissionFlags;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly byte* _completions;
    private uint _tail;
    private uint _submitted;
    private uint _taken;

    /// <exception cref="Win32Exception">The kernel has no io_uring, or forbids it (kernel.io_uring_disabled).</exception>
    public IoUring(uint entries)
    {
        var parameters = stackalloc uint[ParameterBytes / sizeof(uint)];
        _handle = Setup(entries, parameters);
        _entryCount = parameters[0];
        var submission = parameters + 10;
        var completion = parameters + 20;
        _ringsBytes = Math.Max(submission[6] + (parameters[0] * sizeof(uint)), completion[5] + (parameters[1] * (ulong)CompletionBytes));
        _rings = SharedMemory.Map(_handle, _ringsBytes, 0);
        _entries = (Entry*)SharedMemory.Map(_handle, _entryCount * (ulong)sizeof(Entry), SubmissionEntriesOffset);
        _submissionHead = (uint*)(_rings + submission[0]);
        _submissionTail = (uint*)(_rings + submission[1]);
        _submissionFlags = (uint*)(_rings + submission[4]);
        _completionHead = (uint*)(_rings + completion[0]);
        _completionTail = (uint*)(_rings + completion[1]);
        _completionMask = *(uint*)(_rings + completion[2]);
        _completions = _rings + completion[5];
        for (uint i = 0; i < _entryCount; i++)
        {
            ((uint*)(_rings + submission[6]))[i] = i;
        }
    }

    public bool HasUnsubmitted => _tail != _submitted;

    /// <summary>Whether a completion is there, or would be after an <see cref="Enter"/>.</summary>
    public bool HasCompletions =>
        Volatile.Read(ref *_completionTail) != *_completionHead || (Volatile.Read(ref *_submissionFlags) & CompletionsWait) != 0;

    /// <summary>The next entry, cleared; it goes with the next <see cref="Enter"/>. Submits first if there is no room.</summary>
    public Entry* Next()
    {
        while (_tail - Volatile.Read(ref *_submissionHead) == _entryCount)
        {
            Enter(0, null);
        }

        var entry = _entries + (_tail & (_entryCount - 1));
        *entry = default;
        _tail++;
        return entry;
    }

    /// <summary>Submits what there is, and waits until so many completions are there, or for so many nanoseconds.</summary>
    public void Enter(uint wait, long? nanoseconds)
    {
        Volatile.Write(ref *_submissionTail, _tail);
        var time = stackalloc long[2] { (nanoseconds ?? 0) / 1_000_000_000, (nanoseconds ?? 0) % 1_000_000_000 };
        var argument = stackalloc ulong[3] { 0, 0, nanoseconds is null ? 0 : (ulong)time };
        var result = io_uring_enter(
            EnterCall, (int)_handle.DangerousGetHandle(), _tail - _submitted, wait, GetEvents | ExtendedArgument, argument, 3 * sizeof(ulong));
        if (result >= 0)
        {
            _submitted += (uint)result;
            return;
        }

        // Nothing was submitted: it is tried again with the next call, after the completions have been taken.
        if (Marshal.GetLastPInvokeError() is not (Interrupted or TimedOut or TryAgain or Busy) and var error)
        {
            throw new Win32Exception(error);
        }

        // A wait that timed out may have submitted before: the kernel's head tells.
        _submitted = Volatile.Read(ref *_submissionHead);
    }

    public bool TryTake(out ulong userData, out int result)
    {
        var head = *_completionHead;
        if (Volatile.Read(ref *_completionTail) == head)
        {
            (userData, result) = (0, 0);
            return false;
        }

        var completion = _completions + ((head & _completionMask) * CompletionBytes);
        userData = *(ulong*)completion;
        result = *(int*)(completion + sizeof(ulong));
        Volatile.Write(ref *_completionHead, head + 1);
        _taken++;
        return true;
    }

    /// <summary>
    /// Takes back what can be taken back and waits, so long at most, for what can't: no write of ours shall land after a successor's.
    /// What the kernel says of it is dropped. Called by the ring's own thread.
    /// </summary>
    public void Drain(TimeSpan limit)
    {
        var entry = Next();
        entry->Operation = Operation.Cancel;
        entry->OperationFlags = CancelAll | CancelAny;
        var end = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);
        while (_taken != _tail && Stopwatch.GetTimestamp() < end)
        {
            Enter(1, LookNanoseconds);
            while (TryTake(out _, out _))
            {
            }
        }
    }

    public void Dispose()
    {
        SharedMemory.Unmap((byte*)_entries, _entryCount * (ulong)sizeof(Entry));
        SharedMemory.Unmap(_rings, _ringsBytes);
        _handle.Dispose();
    }

    private static SafeFileHandle Setup(uint entries, uint* parameters)
    {
        // The newest kernels' cheapest way first.
        foreach (var flags in (ReadOnlySpan<uint>)[SingleIssuer | DeferredTasks | TaskFlag, CooperativeTasks | TaskFlag, 0])
        {
            new Span<byte>(parameters, ParameterBytes).Clear();
            parameters[1] = entries * 4;
            parameters[2] = flags | CompletionSize | Clamp;
            var handle = (int)io_uring_setup(SetupCall, entries, parameters);
            if (handle >= 0)
            {
                return new SafeFileHandle(handle, ownsHandle: true);
            }

            if (Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                break;
            }
        }

        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"io_uring: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long io_uring_setup(long number, uint entries, uint* parameters);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long io_uring_enter(
        long number, int handle, uint submit, uint wait, uint flags, ulong* argument, nuint argumentBytes);

    public enum Operation : byte
    {
        None = 0,
        ReadVector = 1,
        WriteVector = 2,
        Synchronize = 3,
        Poll = 6,
        Cancel = 14,
        Allocate = 17,
        Read = 22,
        Write = 23,
        Send = 26,
    }

    /// <summary>struct io_uring_sqe.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct Entry
    {
        [FieldOffset(0)]
        public Operation Operation;

        [FieldOffset(1)]
        public byte Flags;

        [FieldOffset(4)]
        public int Handle;

        [FieldOffset(8)]
        public ulong Offset;

        [FieldOffset(16)]
        public ulong Address;

        [FieldOffset(24)]
        public uint Length;

        [FieldOffset(28)]
        public uint OperationFlags;

        [FieldOffset(32)]
        public ulong UserData;
    }
}
