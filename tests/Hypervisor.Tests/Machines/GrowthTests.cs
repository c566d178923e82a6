using Grpc.Core;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>Disks that grow under their guests, and that are held to their rates.</summary>
public sealed class GrowthTests
{
    [Theory]
    [InlineData("uml", 96)]
    [InlineData("qemu", 160)]
    public async Task AGuestFindsItsDiskLargerWithoutARestart(string engine, long mebibytes)
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var spec = new DomainSpec
        {
            Engine = engine,
            Vcpus = 1,
            MemoryBytes = mebibytes << 20,
            RootImageDigest = await dom0.ImportBusyboxAsync("sleep", "10000"),
            Hostname = "guest-1",
            Disks = { new DiskSpec { Name = "data", Bytes = 2 << 20, Limits = new RateLimits { BytesPerSecond = 8 << 20, BurstBytes = 64 << 10 } } },
        };
        await dom0.RunAsync("guest-1", spec);
        await dom0.Domains.SnapshotAsync(new SnapshotDomainRequest { Id = "guest-1", Name = "small" });
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync("b=/dev/.orchestrator/busybox; $b dd if=/dev/zero of=/dev/vdc bs=64k count=32 conv=fsync 2>/dev/null; echo it has $(cat /sys/block/vdc/size)\n");
            await console.ExpectAsync($"it has {2 << 11}");
            Assert.Equal(5 << 20, Assert.Single((await GrowAsync(dom0, "data", 5 << 20)).Spec.Disks).Bytes);

            // A driver hears of it in its own time.
            await console.TypeAsync($"until [ $(cat /sys/block/vdc/size) = {5 << 11} ]; do $b usleep 10000; done; echo end | $b dd of=/dev/vdc bs=512 seek={(5 << 11) - 1} conv=fsync 2>/dev/null; echo it has gro''wn\n");
            await console.ExpectAsync("it has grown");
        }

        // 2 MiB at 8 MiB a second took their time.
        var figures = await dom0.Domains.MeasureAsync(new MeasureDomainRequest { Id = "guest-1" });
        Assert.True(figures.Disks.Single(disk => disk.Name == "data").ThrottledCount > 0);
        Assert.Equal(0, figures.Disks.Single(disk => disk.Name == "root").ThrottledCount);
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => GrowAsync(dom0, "data", 4 << 20)));
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => GrowAsync(dom0, "data", -4096)));
        Assert.Equal(StatusCode.NotFound, await RefusedAsync(() => GrowAsync(dom0, "report", 5 << 20)));

        // So it is for the next dom0, stopped, and for a clone of what it was.
        await dom0.KillAsync();
        await dom0.StartAsync();
        await GrowAsync(dom0, "data", 5 << 20);
        await dom0.Domains.StopAsync(new StopDomainRequest { Id = "guest-1" });
        var grown = (await GrowAsync(dom0, "data", 6 << 20)).Spec;
        Assert.Equal(spec.Disks[0].Limits.BytesPerSecond, grown.Disks[0].Limits.BytesPerSecond);
        grown.Source = new DomainSnapshotName { Domain = "guest-1", Snapshot = "small" };
        await dom0.RunAsync("guest-2", grown);
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-2"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync("echo it has $(cat /sys/block/vdc/size)\n");
            await console.ExpectAsync($"it has {6 << 11}");
        }
    }

    private static Task<Domain> GrowAsync(Dom0Process dom0, string disk, long bytes) =>
        dom0.Domains.GrowDiskAsync(new GrowDiskRequest { Id = "guest-1", Disk = disk, Bytes = bytes }).ResponseAsync;

    private static async Task<StatusCode> RefusedAsync(Func<Task<Domain>> call) => (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;
}
