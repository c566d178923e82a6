using Grpc.Core;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>Real guests of both engines, through the real executable.</summary>
public sealed class GuestTests
{
    private const long Mebibyte = 1 << 20;

    /// <summary>The whole life of a machine, in one boot for each engine and one more start.</summary>
    [Theory]
    [InlineData("uml", 1, 96)]
    [InlineData("qemu", 2, 160)]
    public async Task AMachineBootsAnswersOutlivesDom0AndLeavesNothing(string engine, int vcpus, long mebibytes)
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var image = await dom0.ImportBusyboxAsync("sleep", "10000");
        var spec = new DomainSpec
        {
            Engine = engine,
            Vcpus = vcpus,
            MemoryBytes = mebibytes * Mebibyte,
            RootImageDigest = image,
            RootDiskBytes = 256 * Mebibyte,
            Hostname = "guest-1",
            Label = "tests/guest-1",
        };
        var running = await dom0.RunAsync("guest-1", spec);
        Assert.Equal(DomainState.Running, running.State);
        Assert.Equal(vcpus, running.VcpuThreadIds.Count);
        AssertConfined(running);

        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("Linux version");
            await console.ExpectAsync("# ");
            await console.TypeAsync("echo answer $((6*7)) from $(cat /etc/hostname)\n");
            await console.ExpectAsync("answer 42 from guest-1");

            // Which form its rings have (feature 34), and that a driver which goes and comes again finds its disk.
            await console.TypeAsync(
                "b=/dev/.orchestrator/busybox; cd /sys/bus/virtio; echo packed=$($b cut -c35 devices/virtio*/features | $b sort -u); "
                + "for w in unbind bind; do echo virtio1 >drivers/virtio_blk/$w; done; $b dd if=/dev/vdb of=/dev/null bs=4k && echo it is ba''ck\n");
            await console.ExpectAsync("it is back");
            Assert.Contains(engine == "qemu" ? "packed=1\r" : "packed=0\r", console.Seen, StringComparison.Ordinal);
        }

        await dom0.KillAsync();
        await dom0.StartAsync();
        var adopted = await dom0.Domains.GetAsync(new GetDomainRequest { Id = "guest-1" });
        Assert.Equal((DomainState.Running, running.ProcessId, 1), (adopted.State, adopted.ProcessId, adopted.Starts));

        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        using (var second = await ConsoleClient.OpenAsync(dom0, "guest-1", scrollback: 0))
        {
            await console.ExpectAsync("answer 42");
            await second.TypeAsync("echo after $((7*7))\n");
            await second.ExpectAsync("after 49");
            await console.ExpectAsync("after 49");
            Assert.DoesNotContain("answer 42", second.Seen, StringComparison.Ordinal);

            var stopped = await dom0.Domains.StopAsync(new StopDomainRequest { Id = "guest-1", GraceSeconds = 60 });
            Assert.Equal((DomainState.Stopped, "GuestShutdown"), (stopped.State, stopped.Reason));
            Assert.Equal(128 + 15, stopped.ExitCode);
            Assert.Equal(0, stopped.ProcessId);
            await console.ReadToEndAsync();
        }

        var again = await dom0.Domains.StartAsync(new StartDomainRequest { Id = "guest-1" });
        Assert.Equal((DomainState.Running, 2), (again.State, again.Starts));
        var killed = await dom0.Domains.StopAsync(new StopDomainRequest { Id = "guest-1", GraceSeconds = 0 });
        Assert.Equal((DomainState.Stopped, "Killed"), (killed.State, killed.Reason));

        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "guest-1" });
        Assert.Empty(dom0.ProcessesOf(running.UserId));
        Assert.Empty(dom0.CgroupFolders());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(dom0.Data, "domains")));
        var unknown = await Assert.ThrowsAsync<RpcException>(() => dom0.Domains.GetAsync(new GetDomainRequest { Id = "guest-1" }).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "guest-1" });
    }

    /// <summary>dom0 is killed again and again while the guest writes and syncs; the guest sees a pause, no error, and every byte.</summary>
    [Theory]
    [InlineData("uml", 96)]
    [InlineData("qemu", 160)]
    public async Task AGuestThatWritesWhileDom0IsKilledLosesNothing(string engine, long mebibytes)
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var image = await dom0.ImportBusyboxAsync("sh");
        await dom0.RunAsync("guest-1", new DomainSpec
        {
            Engine = engine,
            Vcpus = 1,
            MemoryBytes = mebibytes * Mebibyte,
            RootImageDigest = image,
            RootDiskBytes = 256 * Mebibyte,
            Hostname = "guest-1",
        });
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync(
                "b=/dev/.orchestrator/busybox; i=0; while [ $i -lt 40 ]; do $b dd if=/dev/urandom of=/f$i bs=64k count=8 conv=fsync 2>/dev/null "
                + "|| echo it we''nt wrong; $b md5sum /f$i >>/sums; $b sync; i=$((i+1)); [ $i = 5 ] && echo has be''gun; done; echo has en''ded\n");
            await console.ExpectAsync("has begun");
        }

        for (var kill = 0; kill < 3; kill++)
        {
            await dom0.KillAsync();
            await dom0.StartAsync();
        }

        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("has ended");
            await console.TypeAsync("echo 3 >/proc/sys/vm/drop_caches; $b md5sum -c /sums | $b grep -c OK; $b dmesg | $b grep -c 'I/O error'; echo che''cked\n");
            await console.ExpectAsync("checked");
            Assert.Contains("40\r\n0\r\n", console.Seen, StringComparison.Ordinal);
            Assert.DoesNotContain("it went wrong", console.Seen, StringComparison.Ordinal);
        }
    }

    private static void AssertConfined(Domain domain)
    {
        var status = File.ReadAllLines($"/proc/{domain.ProcessId}/status");
        Assert.Contains($"Uid:\t{domain.UserId}\t{domain.UserId}\t{domain.UserId}\t{domain.UserId}", status);
        Assert.Contains($"Gid:\t{domain.UserId}\t{domain.UserId}\t{domain.UserId}\t{domain.UserId}", status);
        Assert.Contains("Groups:\t ", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
        {
            Assert.Contains($"{set}:\t0000000000000000", status);
        }

        Assert.Contains(File.ReadAllLines($"/proc/{domain.ProcessId}/cgroup"), line => line.EndsWith(domain.Cgroup, StringComparison.Ordinal));
        Assert.NotEqual(
            File.ResolveLinkTarget("/proc/self/ns/net", false)!.FullName,
            File.ResolveLinkTarget($"/proc/{domain.ProcessId}/ns/net", false)!.FullName);
    }
}
