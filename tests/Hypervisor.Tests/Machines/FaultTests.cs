using System.Diagnostics;
using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Tests.Images;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>What goes wrong: workloads, engines, dom0 itself, its files and its callers. One dom0 for all of it, restarted at need.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly Dom0Process _dom0 = new();
    private string _image = "";

    public async ValueTask InitializeAsync()
    {
        await _dom0.StartAsync();
        _image = await _dom0.ImportBusyboxAsync("sleep", "10000");
    }

    public ValueTask DisposeAsync() => _dom0.DisposeAsync();

    [Fact]
    public async Task AWorkloadsExitCodeUserAndEnvironmentAreItsOwn()
    {
        var image = await _dom0.ImportAsync(OciArchive.Busybox(
            new JsonObject { ["User"] = "web", ["WorkingDir"] = "/etc", ["Env"] = new JsonArray("KIND=of blue", "OVER=image") },
            "sh", "id", "pwd"));
        var spec = Spec();
        spec.RootImageDigest = image;
        spec.Command.AddRange(["sh", "-c", "echo \"I am $(id -u):$(id -g) in $(pwd), $KIND, $OVER, $1\"; exit 7", "name", "it's \"quoted\""]);
        spec.Environment.Add(new EnvironmentVariable { Name = "OVER", Value = "spec" });

        await _dom0.RunAsync("ends", spec);
        var ended = await _dom0.WaitAsync("ends", domain => domain.State is DomainState.Stopped);
        using var console = await ConsoleClient.OpenAsync(_dom0, "ends", follow: false);
        await console.ReadToEndAsync();

        Assert.True(console.Seen.Contains("I am 1000:1001 in /etc, of blue, spec, it's \"quoted\"", StringComparison.Ordinal), console.Seen);
        Assert.Equal(("GuestShutdown", 7), (ended.Reason, ended.ExitCode));
    }

    [Fact]
    public async Task EnginesThatDieAreToldWhetherDom0WatchesOrNot()
    {
        var watched = await _dom0.RunAsync("watched", Spec());
        Process.GetProcessById((int)watched.ProcessId).Kill();
        var crashed = await _dom0.WaitAsync("watched", domain => domain.State is DomainState.Stopped);
        Assert.Equal("EngineCrashed", crashed.Reason);
        Assert.Contains("137", crashed.Message, StringComparison.Ordinal);
        Assert.False(crashed.HasExitCode);

        var unwatched = await _dom0.RunAsync("unwatched", Spec());
        await _dom0.KillAsync();
        using (var engine = Process.GetProcessById((int)unwatched.ProcessId))
        {
            engine.Kill();
            await engine.WaitForExitAsync();
        }

        await _dom0.StartAsync();
        var found = await _dom0.Domains.GetAsync(new GetDomainRequest { Id = "unwatched" });
        Assert.Equal((DomainState.Stopped, "EndedUnwatched"), (found.State, found.Reason));
        Assert.Empty(_dom0.ProcessesOf(unwatched.UserId));
    }

    /// <summary>Before its init runs, a guest takes ctrl-alt-del for a restart; it must end all the same, and not by force.</summary>
    [Fact]
    public async Task AMachineThatIsStoppedWhileItBootsShutsDown()
    {
        await _dom0.RunAsync("early", Spec());
        var stopped = await _dom0.Domains.StopAsync(new StopDomainRequest { Id = "early", GraceSeconds = 60 });
        Assert.Equal((DomainState.Stopped, "GuestShutdown"), (stopped.State, stopped.Reason));
    }

    [Fact]
    public async Task AGuestsPanicIsACrash()
    {
        var spec = Spec();
        spec.Engine = "qemu";
        spec.MemoryBytes = 160L << 20;
        spec.Command.AddRange(["sh", "-c", "echo c >/proc/sysrq-trigger"]);
        await _dom0.RunAsync("panics", spec);
        var crashed = await _dom0.WaitAsync("panics", domain => domain.State is DomainState.Stopped);
        Assert.Equal("EngineCrashed", crashed.Reason);
    }

    [Fact]
    public async Task AGuestThatFloodsItsConsoleCostsOnlySlowWatchers()
    {
        var spec = Spec();
        spec.Command.AddRange(["sh", "-c", "while :; do cat /bin/busybox | tr -c a-z _; done"]);
        await _dom0.RunAsync("floods", spec);
        using var slow = await ConsoleClient.OpenAsync(_dom0, "floods");
        using (var quick = await ConsoleClient.OpenAsync(_dom0, "floods"))
        {
            await quick.ReadBytesAsync(24 << 20);
        }

        var behind = await Assert.ThrowsAsync<RpcException>(slow.ReadToEndAsync);
        Assert.Equal(StatusCode.ResourceExhausted, behind.StatusCode);
        var killed = await _dom0.Domains.StopAsync(new StopDomainRequest { Id = "floods" });
        Assert.Equal("Killed", killed.Reason);
        // Not while it floods: the files change their names under the count.
        var logs = Directory.EnumerateFiles(Path.Combine(_dom0.Data, "domains", "floods"), "console.log*").Sum(file => new FileInfo(file).Length);
        Assert.InRange(logs, 1, 600 * 1024);
    }

    [Fact]
    public async Task ABrokenJournalCostsOneDomainAndStraysAreCleared()
    {
        await _dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "good", Spec = Spec() });
        await _dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "broken", Spec = Spec() });
        await _dom0.KillAsync();
        var journal = Path.Combine(_dom0.Data, "domains", "broken", "domain.json");
        await File.WriteAllBytesAsync(journal, (await File.ReadAllBytesAsync(journal))[..100]);
        Directory.CreateDirectory(Path.Combine(_dom0.Data, "domains", "half-made"));
        using var stray = StraysIn("stray");

        await _dom0.StartAsync();

        await stray.WaitForExitAsync().WaitAsync(Dom0Process.Limit);
        var domains = (await _dom0.Domains.ListAsync(new ListDomainsRequest())).Domains;
        Assert.Equal(["broken", "good"], domains.Select(domain => domain.Id));
        Assert.Equal([DomainState.Failed, DomainState.Created], domains.Select(domain => domain.State));
        Assert.Equal("JournalUnreadable", domains[0].Reason);
        Assert.Equal(StatusCode.FailedPrecondition, await RefusedAsync(() => _dom0.Domains.StartAsync(new StartDomainRequest { Id = "broken" })));
        await _dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "broken" });
        Assert.Equal(["good"], Directory.EnumerateDirectories(Path.Combine(_dom0.Data, "domains")).Select(Path.GetFileName));
        Assert.Empty(_dom0.CgroupFolders());
    }

    [Fact]
    public async Task BadRequestsAreRefusedWithEveryProblem()
    {
        var bad = await Assert.ThrowsAsync<RpcException>(() => _dom0.Domains.CreateAsync(new CreateDomainRequest
        {
            Id = "../up",
            Spec = new DomainSpec { Engine = "vax", Hostname = "a b", RootImageDigest = "latest", RootDiskBytes = 5 },
        }).ResponseAsync);
        Assert.Equal(StatusCode.InvalidArgument, bad.StatusCode);
        foreach (var field in (string[])["id:", "spec.engine:", "spec.vcpus:", "spec.memory_bytes:", "spec.root_image_digest:", "spec.root_disk_bytes:", "spec.hostname:"])
        {
            Assert.Contains(field, bad.Status.Detail, StringComparison.Ordinal);
        }

        var twoCpus = Spec();
        twoCpus.Vcpus = 2;
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => CreateAsync("a", twoCpus)));
        var smallDisk = Spec();
        smallDisk.RootDiskBytes = 4096;
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => CreateAsync("a", smallDisk)));
        var noImage = Spec();
        noImage.RootImageDigest = "sha256:" + new string('0', 64);
        Assert.Equal(StatusCode.NotFound, await RefusedAsync(() => CreateAsync("a", noImage)));
        Assert.Equal(StatusCode.NotFound, await RefusedAsync(() => _dom0.Domains.StartAsync(new StartDomainRequest { Id = "a" })));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_dom0.Data, "domains")));

        await CreateAsync("a", Spec());
        await CreateAsync("a", Spec());
        var other = Spec();
        other.Hostname = "other";
        Assert.Equal(StatusCode.FailedPrecondition, await RefusedAsync(() => CreateAsync("a", other)));
        Assert.Equal(StatusCode.FailedPrecondition, await RefusedAsync(() => _dom0.Images.RemoveAsync(new RemoveDiskImageRequest { Digest = _image })));
    }

    [Fact]
    public async Task UserIdsAreNeverSharedAndRunOut()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => CreateAsync($"vm-{i}", Spec()).ResponseAsync));
        Assert.Equal(10, created.Select(domain => domain.UserId).Distinct().Count());
        Assert.Equal(StatusCode.ResourceExhausted, await RefusedAsync(() => CreateAsync("one-more", Spec())));
        await _dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "vm-3" });
        Assert.Equal(created[3].UserId, (await CreateAsync("one-more", Spec())).UserId);
    }

    [Fact]
    public async Task ASecondDom0IsRefusedAndTheSocketIsPrivate()
    {
        var (exitCode, error) = await _dom0.TryStartAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("another dom0 owns this data directory", error, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_dom0.Socket));
        Assert.Empty((await _dom0.Domains.ListAsync(new ListDomainsRequest())).Domains);
    }

    [Fact]
    public async Task EnginesAreDescribed()
    {
        var description = await _dom0.Domains.DescribeAsync(new DescribeRequest());

        Assert.Equal(["uml", "qemu", "kvm"], description.Engines.Select(engine => engine.Name));
        Assert.All(description.Engines, engine => Assert.NotEmpty(engine.Message));
        Assert.True(description.Engines[0].Available, description.Engines[0].Message);
        Assert.True(description.Engines[1].Available, description.Engines[1].Message);
        Assert.Equal(description.Virtualization.Hardware, description.Engines[2].Available);
    }

    private Process StraysIn(string id)
    {
        var stray = Process.Start("sleep", "1000");
        foreach (var tree in Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"))
        {
            if (File.Exists(Path.Combine(tree, "cgroup.procs")) && Path.GetFileName(tree) is "memory" or "cpu" or "pids" or "freezer" or "cgroup")
            {
                var folder = Directory.CreateDirectory($"{tree}{_dom0.CgroupParent}/{id}").FullName;
                File.WriteAllText(Path.Combine(folder, "cgroup.procs"), $"{stray.Id}");
            }
        }

        return stray;
    }

    private AsyncUnaryCall<Domain> CreateAsync(string id, DomainSpec spec) =>
        _dom0.Domains.CreateAsync(new CreateDomainRequest { Id = id, Spec = spec });

    private static async Task<StatusCode> RefusedAsync<T>(Func<AsyncUnaryCall<T>> call) =>
        (await Assert.ThrowsAsync<RpcException>(() => call().ResponseAsync)).StatusCode;

    private DomainSpec Spec() => new()
    {
        Engine = "uml",
        Vcpus = 1,
        MemoryBytes = 96L << 20,
        RootImageDigest = _image,
        Hostname = "guest",
    };
}
