namespace Orchestrator.Hypervisor.Disks.Layers;

internal enum WriteKind
{
    /// <summary>The layer has the cluster: write to <see cref="WriteStep.FileOffset"/>, and that is all.</summary>
    InPlace,

    /// <summary>
    /// The layer gets the cluster: all 64 KiB of it must be written (what the disk reads there now, and the new data in it) before
    /// <see cref="LayerWriter.Publish"/>; in a fresh one, what shall read as zeroes needn't.
    /// </summary>
    NewCluster,

    /// <summary>Another request is filling the cluster: ask again when it has been published or abandoned.</summary>
    Wait,
}

/// <summary>What a write to a part of one cluster of the disk takes.</summary>
internal readonly record struct WriteStep(WriteKind Kind, long DiskOffset, int Length, uint FileCluster, bool IsFresh)
{
    public long FileOffset => ClusterOffset + DiskOffset % LayerFormat.ClusterBytes;

    /// <summary>Of the whole cluster in the file.</summary>
    public long ClusterOffset => (long)FileCluster * LayerFormat.ClusterBytes;

    public uint DiskCluster => (uint)(DiskOffset / LayerFormat.ClusterBytes);
}
