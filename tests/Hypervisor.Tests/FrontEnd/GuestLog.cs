using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>The log of dirty pages as an engine that migrates its guest has it: a bit for each page from address 0 on.</summary>
internal sealed unsafe class GuestLog : IDisposable
{
    private const int PageBytes = 4096;

    private readonly SharedGuest _guest;
    private readonly SafeFileHandle _file;
    private readonly ulong _bytes;

    // Sound: _bytes long, mapped until Dispose.
    private readonly byte* _bits;

    public GuestLog(SharedGuest guest)
    {
        _guest = guest;
        _bytes = ((SharedGuest.Base + guest.Bytes + (64 * PageBytes) - 1) / (64 * PageBytes)) * 8;
        _file = SharedMemory.Create("log", (long)_bytes);
        SharedMemory.ForbidShrinking(_file);
        _bits = SharedMemory.Map(_file, _bytes, 0);
    }

    /// <summary>Whole ones.</summary>
    public int PageCount => (int)(_guest.Bytes / PageBytes);

    /// <summary>Hands it to the back-end, which answers when it uses it.</summary>
    public void Give(VhostClient client)
    {
        client.Send(6, VhostClient.Bytes(_bytes, 0), [_file]);
        client.Receive(6);
    }

    public bool IsDirty(int page) => (Volatile.Read(ref Word(page)) & Bit(page)) != 0;

    /// <summary>Looks at a page's bit and clears it, as whoever copies the page does first.</summary>
    public bool TakeDirty(int page) => IsDirty(page) && (Interlocked.And(ref Word(page), ~Bit(page)) & Bit(page)) != 0;

    public void Clear() => new Span<byte>(_bits, (int)_bytes).Clear();

    /// <summary>Bits of pages that the guest doesn't have.</summary>
    public int CountForeign()
    {
        var own = Enumerable.Range(0, PageCount + 1).Count(IsDirty);
        return new Span<byte>(_bits, (int)_bytes).ToArray().Sum(bits => System.Numerics.BitOperations.PopCount(bits)) - own;
    }

    public void Dispose()
    {
        SharedMemory.Unmap(_bits, _bytes);
        _file.Dispose();
    }

    private static uint Bit(int page) => 1u << (int)(((SharedGuest.Base / PageBytes) + (ulong)page) % 32);

    private ref uint Word(int page) => ref Unsafe.AsRef<uint>(_bits + (((SharedGuest.Base / PageBytes) + (ulong)page) / 32 * 4));
}
