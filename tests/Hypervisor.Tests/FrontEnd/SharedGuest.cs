using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>A guest's memory as its engine has it: one memfd, mapped here too, at a guest address that is not its offset.</summary>
internal sealed unsafe class SharedGuest : IDisposable
{
    public const ulong Base = 0x1000_0000;

    private ulong _next;

    public SharedGuest(int bytes, bool canShrink = false, string name = "guest")
    {
        File = SharedMemory.Create(name, bytes);
        if (!canShrink)
        {
            SharedMemory.ForbidShrinking(File);
        }

        Bytes = (ulong)bytes;
        Start = SharedMemory.Map(File, Bytes, 0);
    }

    public SafeFileHandle File { get; }

    public ulong Bytes { get; }

    // Sound: Bytes long, mapped until Dispose; tests stay inside it.
    public byte* Start { get; }

    /// <summary>The front-end's own addresses are those of its mapping.</summary>
    public RegionPlace Place => new(Base, Bytes, (ulong)Start, 0);

    public Span<byte> this[ulong address, int length] => new(Start + (address - Base), length);

    public byte* At(ulong address) => Start + (address - Base);

    /// <summary>The guest's address of memory that nobody else gets.</summary>
    public ulong Allocate(int bytes, int alignment = 16)
    {
        _next = (_next + (ulong)alignment - 1) / (ulong)alignment * (ulong)alignment;
        var address = Base + _next;
        _next += (ulong)bytes;
        return _next <= Bytes ? address : throw new InvalidOperationException("the guest is too small");
    }

    public GuestMemory MapAsDevice()
    {
        var region = MappedRegion.TryMap(File, Place, out var problem);
        return region is null ? throw new InvalidOperationException(problem) : GuestMemory.Empty.With(region)!;
    }

    public void Dispose()
    {
        SharedMemory.Unmap(Start, Bytes);
        File.Dispose();
    }
}
