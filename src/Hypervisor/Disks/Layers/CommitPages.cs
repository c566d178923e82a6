namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>Lays out the pages of a commit: each changed leaf and the index pages above them, at places that nothing durable leads to.</summary>
internal sealed class CommitPages(LayerMap map, LayerSpace space, Guid layer)
{
    public (List<FileWrite> Pages, LayerCommit.Undo Undo) Place()
    {
        var undo = new LayerCommit.Undo { Freed = space.TakeFreed(), Leaves = map.TakeChangedLeaves() };
        List<FileWrite> pages = [];
        foreach (var leaf in undo.Leaves)
        {
            undo.LeafPointers.Add((leaf, map.LeafPointer(leaf)));
            map.SetLeafPointer(leaf, Place(map.EncodeLeaf(leaf), pages, undo));
        }

        foreach (var index in undo.Leaves.Select(leaf => leaf / LayerFormat.LeavesPerIndex).Distinct())
        {
            undo.IndexPointers.Add((index, map.IndexPointers[index]));
            map.SetIndexPointer(index, Place(map.EncodeIndex(index), pages, undo));
        }

        return (pages, undo);
    }

    /// <summary>The pages that the commit replaced hold nothing any more.</summary>
    public static void Free(LayerCommit.Undo undo)
    {
        foreach (var (_, pointer) in undo.LeafPointers.Concat(undo.IndexPointers))
        {
            if (!pointer.IsNone)
            {
                undo.Freed.Pages.Add(pointer.Page);
            }
        }
    }

    /// <summary>Everything is as it was before.</summary>
    public void TakeBack(LayerCommit.Undo undo)
    {
        undo.LeafPointers.ForEach(one => map.SetLeafPointer(one.Leaf, one.Pointer));
        undo.IndexPointers.ForEach(one => map.SetIndexPointer(one.Index, one.Pointer));
        undo.NewPages.ForEach(space.ReturnPage);
        space.FreeAgain(undo.Freed);
        map.ChangeAgain(undo.Leaves);
    }

    private PagePointer Place(byte[]? page, List<FileWrite> pages, LayerCommit.Undo undo)
    {
        if (page is null)
        {
            return default;
        }

        var number = space.TakePage();
        undo.NewPages.Add(number);
        pages.Add(new FileWrite((long)number * LayerFormat.PageBytes, page));
        return new PagePointer(number, LayerFormat.Checksum(page, layer, number));
    }
}
