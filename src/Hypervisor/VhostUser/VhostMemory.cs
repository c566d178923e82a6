using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>The mappings behind a conversation's regions, bounded by what the domain may have.</summary>
internal sealed class VhostMemory(ulong mostBytes)
{
    private readonly List<MappedRegion> _mapped = [];

    public GuestMemory Memory { get; private set; } = GuestMemory.Empty;

    /// <summary>Maps one more.</summary>
    /// <exception cref="VhostProtocolException">It can't be memory of this guest.</exception>
    public void Add(VhostRegion region)
    {
        if (Memory.Regions.Count == VhostFormat.MostMemorySlots)
        {
            throw new VhostProtocolException($"more than {VhostFormat.MostMemorySlots} memory regions");
        }

        if (region.Place.Length > mostBytes - Memory.Bytes)
        {
            throw new VhostProtocolException($"more than {mostBytes} bytes of memory");
        }

        var mapped = MappedRegion.TryMap(region.File, region.Place, out var problem)
            ?? throw new VhostProtocolException($"memory region {region.Place}: {problem}");
        if (Memory.With(mapped) is not { } larger)
        {
            mapped.Release();
            throw new VhostProtocolException($"memory region {region.Place} overlaps another");
        }

        _mapped.Add(mapped);
        Memory = larger;
    }

    public void Remove(RegionPlace place)
    {
        var mapped = _mapped.Find(region => region.Place == place) ?? throw new VhostProtocolException($"there is no memory region {place}");
        _mapped.Remove(mapped);
        Memory = Memory.Without(mapped);
        mapped.Release();
    }

    public void Forget()
    {
        _mapped.ForEach(region => region.Release());
        _mapped.Clear();
        Memory = GuestMemory.Empty;
    }
}
