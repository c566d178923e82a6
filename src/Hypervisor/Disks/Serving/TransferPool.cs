using System.Runtime.InteropServices;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks.Serving;

/// <summary>One transfer for each request of a disk, and room for the clusters that they gather.</summary>
internal sealed unsafe class TransferPool : IDisposable
{
    private const int MostSpareClusters = 8;

    private readonly List<LayeredTransfer?> _transfers = [];
    private readonly Stack<nint> _spare = new();

    // Sound: a cluster of zeroes that nobody writes to, freed by Dispose only.
    private readonly byte* _zeroes = (byte*)NativeMemory.AllocZeroed(LayerFormat.ClusterBytes);

    public LayeredTransfer Of(DiskRequest request)
    {
        var index = (int)request.Cookie;
        while (_transfers.Count <= index)
        {
            _transfers.Add(null);
        }

        return _transfers[index] ??= new LayeredTransfer(_zeroes);
    }

    public void GiveRoom(LayeredTransfer transfer)
    {
        transfer.Cluster = _spare.TryPop(out var spare) ? (byte*)spare : (byte*)NativeMemory.Alloc(LayerFormat.ClusterBytes);
        transfer.Gathered = 0;
    }

    public void TakeRoom(LayeredTransfer transfer)
    {
        if (transfer.Cluster is null)
        {
            return;
        }

        if (_spare.Count < MostSpareClusters)
        {
            _spare.Push((nint)transfer.Cluster);
        }
        else
        {
            NativeMemory.Free(transfer.Cluster);
        }

        transfer.Cluster = null;
    }

    /// <summary>No operation is under way any more.</summary>
    public void Dispose()
    {
        _transfers.ForEach(transfer => transfer?.Dispose());
        while (_spare.TryPop(out var cluster))
        {
            NativeMemory.Free((void*)cluster);
        }

        NativeMemory.Free(_zeroes);
    }
}
