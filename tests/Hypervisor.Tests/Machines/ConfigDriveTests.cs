using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>The read-only disk of files that come with each start.</summary>
public sealed class ConfigDriveTests
{
    private const string Secret = "correct-horse-battery";

    [Theory]
    [InlineData("uml", 96)]
    [InlineData("qemu", 160)]
    public async Task AGuestReadsItsFilesWhichLieInMemoryOnlyAndGoWithIt(string engine, long mebibytes)
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        await CreateAsync(dom0, engine, mebibytes);

        // Without its files it can't start, and says so.
        var bare = await dom0.Domains.StartAsync(new StartDomainRequest { Id = "guest-1" });
        Assert.Equal((DomainState.Failed, true), (bare.State, bare.Message.Contains("config drive cidata", StringComparison.Ordinal)));

        await dom0.Domains.StartAsync(new StartDomainRequest { Id = "guest-1", Settings = Files(Secret) });
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync("b=/dev/.orchestrator/busybox; $b mkdir /drive; $b mount -t iso9660 -o ro /dev/vdd /drive; cat /drive/user-data; $b dd if=/dev/vdd bs=1 skip=32808 count=6\n");
            await console.ExpectAsync(Secret);
            await console.ExpectAsync("cidata");
            await console.TypeAsync("cat /sys/block/vdd/serial /sys/block/vdd/ro; echo x >/dev/vdd || echo it is re''fused\n");
            await console.ExpectAsync("it is refused");
        }

        // Where its guest can't look and no disk has it; in no journal.
        var drives = Path.Combine(dom0.Data, "config-drives");
        Assert.Contains($" {drives} ", System.IO.File.ReadAllText("/proc/self/mountinfo"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(drives));
        Assert.Equal(["guest-1.iso"], Directory.EnumerateFileSystemEntries(drives).Select(Path.GetFileName));
        Assert.DoesNotContain(Secret, System.IO.File.ReadAllText(Path.Combine(dom0.Data, "domains", "guest-1", "domain.json")));

        // Another dom0 goes on with it, and a restart brings other files.
        await dom0.KillAsync();
        await dom0.StartAsync();
        await dom0.Domains.RestartAsync(new RestartDomainRequest { Id = "guest-1", PowerCycle = "one", Settings = Files("second") });
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1", scrollback: 0))
        {
            await console.TypeAsync("\n");
            await console.ExpectAsync("# ");
            await console.TypeAsync("b=/dev/.orchestrator/busybox; $b mkdir -p /drive; $b mount -t iso9660 -o ro /dev/vdd /drive; echo it is $(cat /drive/user-data)\n");
            await console.ExpectAsync("it is second");
        }

        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "guest-1" });
        Assert.False(Directory.Exists(drives));
        Assert.DoesNotContain(drives, System.IO.File.ReadAllText("/proc/self/mountinfo"));
    }

    [Fact]
    public async Task FilesThatCantBeAreRefusedByName()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        await CreateAsync(dom0, "uml", 96);
        foreach (var (settings, field) in new (StartSettings, string)[]
        {
            (Named("../domain"), "config_files[0].name"),
            (Named("a", "a"), "config_files[1].name"),
            (Named([.. Enumerable.Range(0, 17).Select(index => $"f{index}")]), "config_files: must be at most 16"),
            (Files(new string('x', (2 << 20) + 1)), "config_files: must be at most 16 files of 2097152 bytes"),
        })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(
                () => dom0.Domains.StartAsync(new StartDomainRequest { Id = "guest-1", Settings = settings }).ResponseAsync);
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.Contains(field, refused.Status.Detail);
        }

        Assert.False(Directory.Exists(Path.Combine(dom0.Data, "config-drives")));
    }

    private static StartSettings Files(string userData) => new() { ConfigFiles = { new ConfigFile { Name = "user-data", Content = ByteString.CopyFromUtf8(userData) } } };

    private static StartSettings Named(params string[] names) => new() { ConfigFiles = { names.Select(name => new ConfigFile { Name = name }) } };

    private static async Task CreateAsync(Dom0Process dom0, string engine, long mebibytes) => await dom0.Domains.CreateAsync(new CreateDomainRequest
    {
        Id = "guest-1",
        Spec = new DomainSpec
        {
            Engine = engine,
            Vcpus = 1,
            MemoryBytes = mebibytes << 20,
            RootImageDigest = await dom0.ImportBusyboxAsync("sleep", "10000"),
            Hostname = "guest-1",
            Disks = { new DiskSpec { Name = "data", Bytes = 1 << 20 } },
            ConfigDrive = "cidata",
        },
    });
}
