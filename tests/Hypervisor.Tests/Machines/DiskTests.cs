using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>Real guests on the disks of the store.</summary>
public sealed class DiskTests
{
    private const long Mebibyte = 1 << 20;

    /// <summary>A root disk of an image is a layer that holds nothing yet; growing is done once for an image and a size.</summary>
    [Fact]
    public async Task ANewDomainsDisksTakeNoRoom()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var image = await dom0.ImportBusyboxAsync("sh");
        var spec = Spec("uml", 96, image);
        foreach (var id in (string[])["a", "b", "c"])
        {
            await dom0.Domains.CreateAsync(new CreateDomainRequest { Id = id, Spec = spec });
        }

        spec = spec.Clone();
        spec.RootDiskBytes = 0;
        await dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "d", Spec = spec });
        var disks = new DirectoryInfo(Path.Combine(dom0.Data, "disks"));
        Assert.Single(disks.GetFiles("Image.*.snapshot"));

        // One layer for each disk (three of each domain), and the one of the growing.
        var layers = disks.GetFiles("*.layer");
        Assert.Equal(4 * 3 + 1, layers.Length);
        Assert.Equal(12, layers.Count(layer => layer.Length == 64 << 10));
        await dom0.KillAsync();
        await dom0.StartAsync();
        foreach (var domain in (await dom0.Domains.ListAsync(new ListDomainsRequest())).Domains)
        {
            await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = domain.Id });
        }

        Assert.Single(disks.GetFiles("*.layer"));
        await dom0.Images.RemoveAsync(new RemoveDiskImageRequest { Digest = image });
        Assert.Empty(disks.GetFiles());
    }

    /// <summary>mkfs, mount, write; then another life of the guest: mount, read. A disk of the image that may only be read stays so.</summary>
    [Theory]
    [InlineData("uml", 96)]
    [InlineData("qemu", 160)]
    public async Task WhatAGuestWritesOnItsDisksIsThereInItsNextLife(string engine, long mebibytes)
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var image = await dom0.ImportBusyboxAsync("sh");
        var bytes = await File.ReadAllBytesAsync(ImageFile(dom0, image));
        var spec = Spec(engine, mebibytes, image);
        await dom0.RunAsync("guest-1", spec);
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync(
                "b=/dev/.orchestrator/busybox; for d in /sys/block/vd*; do echo \"${d##*/}=$($b cat $d/serial):$($b cat $d/size):$($b cat $d/ro)\"; done; echo li''sted\n");
            await console.ExpectAsync("listed");
            Assert.Contains($"vda=root:{256 << 11}:0", console.Seen, StringComparison.Ordinal);
            Assert.Contains($"vdc=data:{64 << 11}:0", console.Seen, StringComparison.Ordinal);
            Assert.Contains("vdd=library:", console.Seen, StringComparison.Ordinal);
            await console.TypeAsync(
                "$b mkdir /m /l; $b mke2fs /dev/vdc >/dev/null && $b mount -t ext4 /dev/vdc /m && for i in 1 2 3 4 5; do $b dd if=/dev/urandom of=/m/f$i bs=64k count=16 2>/dev/null; done; "
                + "cd /m; $b md5sum f* >/sums; cd /; $b cp /sums /m; $b umount /m && echo it is wri''tten\n");
            await console.ExpectAsync("it is written");
            await console.TypeAsync(
                "$b dd if=/dev/zero of=/dev/vdd bs=4k count=1 conv=fsync 2>/dev/null || echo it is re''fused; $b mount -t ext4 -o ro /dev/vdd /l && [ -e /l/bin/sh ] && echo it is re''ad\n");
            await console.ExpectAsync("it is refused");
            await console.ExpectAsync("it is read");
        }

        AssertCounted(await dom0.Domains.MeasureAsync(new MeasureDomainRequest { Id = "guest-1" }), mebibytes);

        var stopped = await dom0.Domains.StopAsync(new StopDomainRequest { Id = "guest-1", GraceSeconds = 30 });
        Assert.Equal(DomainState.Stopped, stopped.State);
        var still = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => dom0.Domains.MeasureAsync(new MeasureDomainRequest { Id = "guest-1" }).ResponseAsync);
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, still.StatusCode);
        await dom0.KillAsync();
        await dom0.StartAsync();
        await dom0.Domains.StartAsync(new StartDomainRequest { Id = "guest-1" });
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1", scrollback: 0))
        {
            await console.TypeAsync("\n");
            await console.ExpectAsync("# ");
            await console.TypeAsync(
                "b=/dev/.orchestrator/busybox; $b mount -t ext4 /dev/vdc /m && cd /m && $b md5sum -c /sums | $b grep -c OK; $b cmp /sums /m/sums && echo they are the sa''me\n");
            await console.ExpectAsync("they are the same");
            Assert.Contains("5\r\n", console.Seen, StringComparison.Ordinal);
        }

        Assert.Equal(bytes, await File.ReadAllBytesAsync(ImageFile(dom0, image)));
    }

    /// <summary>
    /// All disks at one moment while the guest writes: it sees no error, and its clone has what was written before and nothing of what came
    /// after. Either goes without the other.
    /// </summary>
    [Fact]
    public async Task ARunningGuestIsSnapshotAndCloned()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var spec = Spec("uml", 96, await dom0.ImportBusyboxAsync("sh"));
        await dom0.RunAsync("guest-1", spec);
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync(
                "b=/dev/.orchestrator/busybox; echo one >/before; $b dd if=/before of=/dev/vdc conv=fsync 2>/dev/null; $b sync; "
                + "while :; do $b dd if=/dev/urandom of=/w bs=64k count=4 conv=fsync 2>/dev/null || echo it we''nt wrong; echo wro''te; done &\n");
            await console.ExpectAsync("wrote");
            var domain = await SnapshotAsync(dom0, "guest-1", "first");
            Assert.Equal("first", Assert.Single(domain.Snapshots).Name);
            Assert.Equal(domain.Snapshots, (await SnapshotAsync(dom0, "guest-1", "first")).Snapshots);
            await console.TypeAsync("echo two >/after; $b dd if=/after of=/dev/vdc conv=fsync 2>/dev/null; $b sync; echo it is do''ne\n");
            await console.ExpectAsync("it is done");
        }

        await dom0.KillAsync();
        await dom0.StartAsync();
        spec = spec.Clone();
        spec.Source = new DomainSnapshotName { Domain = "guest-1", Snapshot = "first" };
        await dom0.RunAsync("guest-2", spec);
        await ExpectAtGuest2Async(dom0, "[ -e /before ] && [ ! -e /after ] && $b head -c 4 /dev/vdc");
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.TypeAsync("echo it is che''cked\n");
            await console.ExpectAsync("it is checked");
            Assert.DoesNotContain("it went wrong", console.Seen, StringComparison.Ordinal);
        }

        await dom0.Domains.StopAsync(new StopDomainRequest { Id = "guest-2", GraceSeconds = 30 });
        Assert.Equal("rest", Assert.Single((await SnapshotAsync(dom0, "guest-2", "rest")).Snapshots).Name);
        await dom0.Domains.RemoveSnapshotAsync(new RemoveSnapshotRequest { Id = "guest-2", Name = "rest" });
        Assert.Empty((await dom0.Domains.GetAsync(new GetDomainRequest { Id = "guest-2" })).Snapshots);
        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "guest-1" });
        await dom0.Domains.StartAsync(new StartDomainRequest { Id = "guest-2" });
        await ExpectAtGuest2Async(dom0, "[ -e /before ] && $b head -c 4 /dev/vdc");
        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "guest-2" });
        var left = new DirectoryInfo(Path.Combine(dom0.Data, "disks")).GetFiles();
        Assert.Equal([".layer", ".snapshot"], left.Select(file => file.Extension).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task WhatIsNotThereIsNotCloned()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var spec = Spec("uml", 96, await dom0.ImportBusyboxAsync("sh"));
        await dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "a", Spec = spec });
        await SnapshotAsync(dom0, "a", "first");
        spec = spec.Clone();
        spec.Source = new DomainSnapshotName { Domain = "a", Snapshot = "second" };
        Assert.Equal(Grpc.Core.StatusCode.NotFound, await RefusedAsync(() => dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "b", Spec = spec }).ResponseAsync));
        spec.Source.Snapshot = "first";
        spec.Disks.RemoveAt(0);
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, await RefusedAsync(() => dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "b", Spec = spec }).ResponseAsync));
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, await RefusedAsync(() => SnapshotAsync(dom0, "a", "../b")));
        for (var more = 2; more <= 12; more++)
        {
            await SnapshotAsync(dom0, "a", $"s{more}");
        }

        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, await RefusedAsync(() => SnapshotAsync(dom0, "a", "one-more")));
    }

    [Fact]
    public async Task DisksThatCantBeAreNamedWithTheirFields()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var spec = Spec("uml", 96, "sha256:" + new string('0', 64));
        spec.Disks.Clear();
        spec.Disks.Add(new DiskSpec { Name = "root", Bytes = 4096 });
        spec.Disks.Add(new DiskSpec { Name = "a", Bytes = 4097 });
        spec.Disks.Add(new DiskSpec { Name = "a", ImageDigest = "x" });
        spec.Disks.Add(new DiskSpec { Name = "../b" });
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(
            () => dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "a", Spec = spec }).ResponseAsync);
        foreach (var field in (string[])["disks[0].name", "disks[1].bytes", "disks[2].name", "disks[2].image_digest", "disks[3].name", "disks[3].bytes"])
        {
            Assert.Contains($"spec.{field}: ", refused.Status.Detail, StringComparison.Ordinal);
        }
    }

    private static Task<Domain> SnapshotAsync(Dom0Process dom0, string id, string name) =>
        dom0.Domains.SnapshotAsync(new SnapshotDomainRequest { Id = id, Name = name }).ResponseAsync;

    private static async Task<Grpc.Core.StatusCode> RefusedAsync(Func<Task<Domain>> call) => (await Assert.ThrowsAsync<Grpc.Core.RpcException>(call)).StatusCode;

    private static async Task ExpectAtGuest2Async(Dom0Process dom0, string command)
    {
        using var console = await ConsoleClient.OpenAsync(dom0, "guest-2", scrollback: 0);
        await console.TypeAsync("\n");
        await console.ExpectAsync("# ");
        await console.TypeAsync($"b=/dev/.orchestrator/busybox; {command} && echo it is s''o\n");
        await console.ExpectAsync("one\r\nit is so");
    }

    /// <summary>Of a guest that has written five mebibytes and more to its disk.</summary>
    private static void AssertCounted(DomainFigures figures, long mebibytes)
    {
        Assert.Equal(mebibytes * Mebibyte / 4096, figures.GuestPages);
        Assert.InRange(figures.MemoryBytes, 1, figures.MemoryLimitBytes);
        Assert.True(figures.CpuNanoseconds > 0 && Assert.Single(figures.Vcpus).CpuNanoseconds > 0, $"{figures}");
        Assert.Equal(["root", "report", "data", "library"], figures.Disks.Select(disk => disk.Name));
        Assert.Equal([2, 0, 1, 1], figures.Disks.Select(disk => disk.Layers));
        var data = figures.Disks[2];
        Assert.True(data.WrittenBytes >= 5 * Mebibyte && data.StoredBytes >= 5 * Mebibyte && data.StoredBytes <= data.SizeBytes, $"{data}");
        Assert.True(data.Flushes > 0, $"{data}");
        Assert.Equal(0, data.Errors);
        Assert.Equal(data.Reads + data.Writes + data.Flushes + data.Frees, data.ServiceTime.Count);
        Assert.Equal(data.ServiceTime.Count, data.ServiceTime.Buckets.Sum(bucket => bucket.Count));
        Assert.InRange(data.ServiceTime.P50Nanoseconds, 1, data.ServiceTime.P99Nanoseconds);
        var library = figures.Disks[3];
        Assert.True(library is { ReadOnly: true, Reads: > 0, WrittenBytes: 0, StoredBytes: 0 }, $"{library}");
        Assert.Equal((2048, 0), (figures.Ring.Slots, figures.Ring.InLine));
    }

    private static string ImageFile(Dom0Process dom0, string digest) => Path.Combine(dom0.Data, "images", digest["sha256:".Length..] + ".ext4");

    private static DomainSpec Spec(string engine, long mebibytes, string image) => new()
    {
        Engine = engine,
        Vcpus = 1,
        MemoryBytes = mebibytes * Mebibyte,
        RootImageDigest = image,
        RootDiskBytes = 256 * Mebibyte,
        Hostname = "guest-1",
        Disks =
        {
            new DiskSpec { Name = "data", Bytes = 64 * Mebibyte },
            new DiskSpec { Name = "library", ImageDigest = image, ReadOnly = true },
        },
    };
}
