namespace Orchestrator.Hypervisor.Disks.Layers;

internal sealed record FileWrite(long Offset, byte[] Data);

/// <summary>
/// What makes everything that was published before durable, in this order: write <see cref="Pages"/>, flush, write <see cref="Head"/>,
/// flush. Until the second flush a crash leaves the old state or the new one, after it the new one; at no moment neither.
/// </summary>
internal sealed record LayerCommit(Superblock Superblock, IReadOnlyList<FileWrite> Pages, FileWrite Head, LayerCommit.Undo Before)
{
    /// <summary>What the writer needs to forget the commit, or to finish it.</summary>
    internal sealed class Undo
    {
        public required LayerSpace.Freed Freed { get; init; }

        public required int[] Leaves { get; init; }

        public List<(int Leaf, PagePointer Pointer)> LeafPointers { get; } = [];

        public List<(int Index, PagePointer Pointer)> IndexPointers { get; } = [];

        public List<ulong> NewPages { get; } = [];
    }
}
