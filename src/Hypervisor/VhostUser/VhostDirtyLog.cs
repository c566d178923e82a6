using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>
/// The log in which an engine that migrates its guest finds what our devices have written. It is on when the engine has accepted that
/// feature and given a log, which must have a bit for every page of the guest.
/// </summary>
internal sealed unsafe class VhostDirtyLog(VirtioDevice device, VhostState state, VhostMemory memory)
{
    private const int LeastAlignment = 8;

    private MappedRegion? _region;
    private DirtyPages? _pages;

    /// <summary>Told when something was marked; few engines want that.</summary>
    public Call? Call { get; private set; }

    public bool IsTruncated => _region is { IsTruncated: true };

    private bool IsOn => _pages is not null && (state.Features & VhostFeatures.LogAll) != 0;

    /// <exception cref="VhostProtocolException">It can't be one.</exception>
    public void Set(VhostLog log)
    {
        state.Log?.File.Dispose();
        state.Log = log;
        if (!state.Has(VhostProtocolFeatures.LogShared))
        {
            throw new VhostProtocolException("a log of dirty pages that was not agreed on");
        }

        Map(log);
        Check();
    }

    public void SetCall(SafeFileHandle descriptor)
    {
        state.LogCall?.Dispose();
        state.LogCall = descriptor;
        OpenCall(descriptor);
    }

    /// <summary>After a restart of ours, before the queues go on.</summary>
    public void Resume()
    {
        if (state.LogCall is { } call)
        {
            OpenCall(call);
        }

        if (state.Log is { } log)
        {
            Map(log);
            Check();
        }
    }

    /// <summary>What was written at the end of an earlier dom0 may have been left without its bit.</summary>
    public void MarkAll()
    {
        foreach (var region in IsOn ? memory.Memory.Regions : [])
        {
            _pages!.Mark(region.Place.GuestAddress, region.Place.Length);
        }
    }

    /// <summary>After memory, features or the log have changed.</summary>
    /// <exception cref="VhostProtocolException">Pages would have no bit.</exception>
    public void Check()
    {
        foreach (var region in IsOn ? memory.Memory.Regions : [])
        {
            if (!_pages!.Covers(region.Place.GuestAddress, region.Place.Length))
            {
                throw new VhostProtocolException($"a log of {_pages.Count} pages for memory region {region.Place}");
            }
        }
    }

    /// <summary>Null while nothing is logged.</summary>
    /// <param name="ringAddress">The guest's address of the ring's part that we write; null if the ring isn't logged.</param>
    public WriteLog? Of(Virtqueue queue, QueuePlace place, ulong? ringAddress)
    {
        if (!IsOn)
        {
            return null;
        }

        List<(ulong Address, ulong Bytes)> written = [];
        if (ringAddress is { } address)
        {
            written.Add((address, queue.WrittenRingBytes));
            if (queue is PackedQueue)
            {
                written.Add((place.Descriptors, (ulong)place.Size * PackedFormat.DescriptorBytes));
            }
        }

        return written.TrueForAll(part => _pages!.Covers(part.Address, part.Bytes))
            ? new WriteLog(_pages!, queue, written)
            : throw new VhostProtocolException($"a ring at {ringAddress:x}, beyond a log of {_pages!.Count} pages");
    }

    public void Forget()
    {
        Call?.Stop();
        _region?.Release();
    }

    private void Map(VhostLog log)
    {
        if (log.Bytes % LeastAlignment != 0 || log.Offset % LeastAlignment != 0)
        {
            throw new VhostProtocolException($"a log of {log.Bytes} bytes at {log.Offset}, no multiple of {LeastAlignment}");
        }

        var region = MappedRegion.TryMap(log.File, new RegionPlace(0, log.Bytes, 0, log.Offset), out var problem)
            ?? throw new VhostProtocolException($"the log of dirty pages: {problem}");

        // The rings, which are quiet, get the new one before they go on.
        _region?.Release();
        (_region, _pages) = (region, new DirtyPages(region.Start, log.Bytes));
    }

    private void OpenCall(SafeFileHandle descriptor)
    {
        Call?.Stop();
        Call = Call.TryOpen(device.Loop, descriptor) ?? throw new VhostProtocolException("a call of the log that is no eventfd, pipe or socket");
    }
}
