using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Memory;

/// <summary>Where a piece of guest memory lies: for the guest, for the front-end, and in the front-end's file. In bytes.</summary>
internal readonly record struct RegionPlace(ulong GuestAddress, ulong Length, ulong FrontEndAddress, ulong FileOffset);

/// <summary>
/// A piece of guest memory, mapped once. It stays mapped until the last <see cref="Release"/>: a device in the middle of a request
/// keeps what the front-end has already taken away, which is the guest's own memory still.
/// </summary>
internal sealed unsafe class MappedRegion
{
    // Sound: the mapping covers [_mapped, _mapped + _mappedBytes) and goes only when nobody holds the region any more.
    private readonly byte* _mapped;
    private readonly ulong _mappedBytes;
    private readonly TruncationGuard.Watch? _watch;
    private int _holders = 1;

    private MappedRegion(RegionPlace place, byte* mapped, ulong mappedBytes, TruncationGuard.Watch? watch)
    {
        Place = place;
        _mapped = mapped;
        _mappedBytes = mappedBytes;
        _watch = watch;
        Start = mapped + (mappedBytes - place.Length);
    }

    public RegionPlace Place { get; }

    /// <summary>The host's address of the region's first byte.</summary>
    public byte* Start { get; }

    /// <summary>Its owner took pages away: what is read there since is zeros, what is written there is lost.</summary>
    public bool IsTruncated => _watch is { IsHit: true };

    /// <summary>Maps the place. Null, and why, if it must not or can't be.</summary>
    public static MappedRegion? TryMap(SafeFileHandle file, RegionPlace place, out string problem)
    {
        problem = Problem(file, place);
        if (problem.Length > 0)
        {
            return null;
        }

        // mmap wants whole pages: what lies before the region in its first page is mapped too, and never reached.
        var before = place.FileOffset % SharedMemory.PageBytes;
        var mappedBytes = place.Length + before;
        byte* mapped;
        try
        {
            mapped = SharedMemory.Map(file, mappedBytes, place.FileOffset - before);
        }
        catch (Win32Exception error)
        {
            problem = $"it can't be mapped: {error.Message}";
            return null;
        }

        var watch = SharedMemory.CanShrink(file) ? TruncationGuard.Begin(mapped, mappedBytes) : null;
        if (watch is null && SharedMemory.CanShrink(file))
        {
            SharedMemory.Unmap(mapped, mappedBytes);
            problem = TruncationGuard.IsSupported
                ? "there is no room to watch over one more file that can shrink"
                : "its file can shrink, and on this processor nobody could survive that: seal it (F_SEAL_SHRINK)";
            return null;
        }

        return new MappedRegion(place, mapped, mappedBytes, watch);
    }

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _watch?.End();
            SharedMemory.Unmap(_mapped, _mappedBytes);
        }
    }

    private static string Problem(SafeFileHandle file, RegionPlace place)
    {
        if (place.Length == 0 || place.GuestAddress + place.Length < place.GuestAddress
            || place.FrontEndAddress + place.Length < place.FrontEndAddress
            || place.FileOffset + place.Length < place.FileOffset)
        {
            return "it is empty, or ends beyond the last address";
        }

        if (!SharedMemory.IsMemory(file))
        {
            return "its file is no memory";
        }

        return place.FileOffset + place.Length > (ulong)RandomAccess.GetLength(file) ? "it ends beyond its file" : "";
    }
}
