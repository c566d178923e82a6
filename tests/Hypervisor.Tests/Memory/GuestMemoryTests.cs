using CsCheck;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Memory;

public sealed unsafe class GuestMemoryTests
{
    [Fact]
    public void An_address_is_found_exactly_where_a_region_has_it() => Gen.Select(
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 8]).Array[1, 5], Gen.Int[-2, 50 * 4096], Gen.Int[1, 20_000]).Holds((wanted, at, length) =>
    {
        using var file = SharedMemory.Create("guest", 64 * 4096);
        SharedMemory.ForbidShrinking(file);
        var memory = GuestMemory.Empty;
        var owner = new MappedRegion?[50];
        foreach (var (page, pages) in wanted)
        {
            var region = Map(file, new RegionPlace(Base + ((ulong)page * 4096), (ulong)pages * 4096, 0x7000_0000, (ulong)page * 4096));
            var free = owner.AsSpan(page, pages).IndexOfAnyExcept((MappedRegion?)null) < 0;
            if (memory.With(region) is { } larger)
            {
                if (!free)
                {
                    return false;
                }

                memory = larger;
                owner.AsSpan(page, pages).Fill(region);
            }
            else if (free)
            {
                return false;
            }
            else
            {
                region.Release();
            }
        }

        var bytes = memory.Resolve(Base + (ulong)at, (ulong)length, out var start);
        var there = at >= 0 && at / 4096 < owner.Length ? owner[at / 4096] : null;
        var offset = there is null ? 0 : Base + (ulong)at - there.Place.GuestAddress;
        var result = there is null
            ? bytes == 0
            : bytes == Math.Min((ulong)length, there.Place.Length - offset) && start == there.Start + offset;
        memory.Release();
        return result;
    }, iter: 500);

    private const ulong Base = 0x4000_0000;

    [Theory]
    [InlineData(0UL, 0UL, 0UL)]                  // empty
    [InlineData(0UL, 3 * 4096UL, 0UL)]           // longer than the file
    [InlineData(0UL, 4096UL, 2 * 4096UL)]        // behind the file
    [InlineData(0UL, 4096UL, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 10, 4096UL, 0UL)]
    [InlineData(0UL, ulong.MaxValue, 1UL)]
    public void A_region_that_is_not_in_its_file_is_refused(ulong address, ulong length, ulong offset)
    {
        using var file = SharedMemory.Create("guest", 2 * 4096);
        Assert.Null(MappedRegion.TryMap(file, new RegionPlace(address, length, 0, offset), out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void A_region_may_begin_anywhere_in_its_file()
    {
        using var guest = new SharedGuest(8192);
        guest[SharedGuest.Base + 5000, 4].Fill(0x5A);
        var region = Map(guest.File, new RegionPlace(0, 100, 0, 5000));
        Assert.Equal<byte>([0x5A, 0x5A, 0x5A, 0x5A, 0], new ReadOnlySpan<byte>(region.Start, 5).ToArray());
        region.Release();
    }

    /// <summary>A file on a disk, or one of a file system in user space, could make us wait for ever.</summary>
    [Fact]
    public void Only_memory_is_mapped()
    {
        var path = Path.GetTempFileName();
        using var disk = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.SetLength(disk, 8192);
        using var zeros = File.OpenHandle("/dev/zero", FileMode.Open, FileAccess.ReadWrite);
        Assert.Null(MappedRegion.TryMap(disk, new RegionPlace(0, 4096, 0, 0), out var problem));
        Assert.Equal("its file is no memory", problem);
        Assert.Null(MappedRegion.TryMap(zeros, new RegionPlace(0, 4096, 0, 0), out _));
    }

    [Fact]
    public void A_region_stays_mapped_until_nobody_holds_it()
    {
        using var guest = new SharedGuest(4096, name: "held");
        var memory = guest.MapAsDevice();
        memory.Hold();
        var start = memory.Translate(SharedGuest.Base, 1);
        memory.Release();
        *start = 7;
        Assert.Equal(7, guest[SharedGuest.Base, 1][0]);
        Assert.Equal(2, Mappings());
        memory.Release();
        Assert.Equal(1, Mappings());

        static int Mappings() => File.ReadLines("/proc/self/maps").Count(line => line.Contains("memfd:held", StringComparison.Ordinal));
    }

    /// <summary>This process maps the file, its owner cuts it off, and this process lives on: the runtime's own answer would be to end it.</summary>
    [Fact]
    public void Memory_cut_off_by_its_owner_reads_as_zeros_and_is_noticed()
    {
        using var guest = new SharedGuest(64 * 4096, canShrink: true);
        using var other = new SharedGuest(4096, canShrink: true);
        guest[SharedGuest.Base, 64 * 4096].Fill(1);
        other[SharedGuest.Base, 4096].Fill(2);
        var memory = guest.MapAsDevice();
        var untouched = other.MapAsDevice();
        var start = memory.Translate(SharedGuest.Base, 64 * 4096);
        Assert.Equal(1, start[40 * 4096]);
        Assert.False(memory.IsTruncated);

        RandomAccess.SetLength(guest.File, 0);

        Assert.Equal(0, start[40 * 4096]);
        start[3] = 9;
        Assert.True(memory.IsTruncated);
        Assert.Equal(2, *untouched.Translate(SharedGuest.Base, 1));
        Assert.False(untouched.IsTruncated);
        memory.Release();
        untouched.Release();
    }

    [Fact]
    public void Sealed_memory_can_not_be_cut_off()
    {
        using var guest = new SharedGuest(4096);
        Assert.ThrowsAny<SystemException>(() => RandomAccess.SetLength(guest.File, 0));
        Assert.False(SharedMemory.CanShrink(guest.File));
    }

    private static MappedRegion Map(SafeFileHandle file, RegionPlace place)
    {
        var region = MappedRegion.TryMap(file, place, out var problem);
        Assert.True(region is not null, problem);
        return region!;
    }
}
