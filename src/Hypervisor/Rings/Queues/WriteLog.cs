using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// Notes what a queue's device writes into the guest's memory, while the guest migrates: all that a chain lets it write, when the chain is
/// completed, and its part of the ring whenever it has written there. More than was written does no harm; less would.
/// </summary>
internal sealed unsafe class WriteLog(DirtyPages pages, Virtqueue queue, IReadOnlyList<(ulong Address, ulong Bytes)> ring)
{
    private readonly List<(ulong Address, ulong Bytes)>?[] _writable = new List<(ulong, ulong)>?[queue.Size];
    private bool _hasCompleted;
    private bool _hasMarked;

    /// <summary>Where a chain that was taken may be written.</summary>
    public void Remember(DescriptorChain chain)
    {
        var places = _writable[chain.Head] ??= [];
        places.Clear();
        foreach (var piece in chain.Writable)
        {
            places.Add((queue.Memory.GuestAddressOf(piece.Start), piece.Length));
        }
    }

    public void MarkChain(ushort head)
    {
        foreach (var (address, bytes) in _writable[head] ?? [])
        {
            pages.Mark(address, bytes);
        }

        _writable[head]?.Clear();
        _hasCompleted = true;
    }

    public void MarkPublished()
    {
        if (_hasCompleted)
        {
            MarkRing();
        }
    }

    public void MarkRing()
    {
        foreach (var (address, bytes) in ring)
        {
            pages.Mark(address, bytes);
        }

        (_hasCompleted, _hasMarked) = (false, true);
    }

    /// <summary>Whether anything was marked since it was last asked.</summary>
    public bool TakeMarked()
    {
        var marked = _hasMarked;
        _hasMarked = false;
        return marked;
    }
}
