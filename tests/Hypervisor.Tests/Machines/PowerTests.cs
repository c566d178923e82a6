using Grpc.Core;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>Pause, resume, restart and reset of real guests.</summary>
public sealed class PowerTests
{
    [Theory]
    [InlineData("uml", 96)]
    [InlineData("qemu", 160)]
    public async Task AGuestStandsStillGoesOnAndIsStartedAnew(string engine, long mebibytes)
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var first = await dom0.RunAsync("guest-1", new DomainSpec
        {
            Engine = engine,
            Vcpus = 1,
            MemoryBytes = mebibytes << 20,
            RootImageDigest = await dom0.ImportBusyboxAsync("sleep", "10000"),
            Hostname = "guest-1",
        });
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.ExpectAsync("# ");
            await console.TypeAsync("echo kept >/kept; while read -r name total rest; do [ $name != MemTotal: ] || echo $total >/total; done </proc/meminfo; /dev/.orchestrator/busybox sync; n=0; echo it is wri''tten\n");
            await console.ExpectAsync("it is written");
            Assert.Equal(DomainState.Paused, (await PauseAsync(dom0)).State);
            Assert.Equal(DomainState.Paused, (await PauseAsync(dom0)).State);
            Assert.True(Dom0Process.IsFrozen(first));
        }

        // The next dom0 finds it as it is, and what is typed meanwhile waits for it.
        await dom0.KillAsync();
        await dom0.StartAsync();
        var adopted = await dom0.Domains.GetAsync(new GetDomainRequest { Id = "guest-1" });
        Assert.Equal((DomainState.Paused, first.ProcessId), (adopted.State, adopted.ProcessId));
        Assert.True(Dom0Process.IsFrozen(first));
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            await console.TypeAsync("echo n is $((n+1)) a''gain\n");
            Assert.Equal(DomainState.Running, (await dom0.Domains.ResumeAsync(new ResumeDomainRequest { Id = "guest-1" })).State);
            await console.ExpectAsync("n is 1 again");
        }

        await PauseAsync(dom0);
        var restarted = await RestartAsync(dom0, 30, "one");
        Assert.Equal((DomainState.Running, 2, "one"), (restarted.State, restarted.Starts, restarted.PowerCycle));
        Assert.NotEqual(first.ProcessId, restarted.ProcessId);
        Assert.Equal(restarted, await RestartAsync(dom0, 30, "one"));
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1"))
        {
            // It was asked, paused or not, and did shut down.
            await console.ExpectAsync("init: shutting down");
            await console.ExpectAsync("the workload ended with exit code 143");
        }

        // With another size, which the guest has from this start on.
        var tooSmall = new StartSettings { MemoryBytes = 1 << 20 };
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => RestartAsync(dom0, 0, "two", tooSmall)));
        var reset = await RestartAsync(dom0, 0, "two", new StartSettings { MemoryBytes = (mebibytes + 32) << 20 });
        Assert.Equal((DomainState.Running, 3, "two"), (reset.State, reset.Starts, reset.PowerCycle));
        Assert.Equal((1, (mebibytes + 32) << 20), (reset.Spec.Vcpus, reset.Spec.MemoryBytes));
        using (var console = await ConsoleClient.OpenAsync(dom0, "guest-1", scrollback: 0))
        {
            await console.TypeAsync("\n");
            await console.ExpectAsync("# ");
            await console.TypeAsync("while read -r name total rest; do [ $name = MemTotal: ] && [ $total -gt $(cat /total) ] && echo it is lar''ger and $(cat /kept); done </proc/meminfo\n");
            await console.ExpectAsync("it is larger and kept");
        }

        await PauseAsync(dom0);
        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "guest-1" });
        Assert.Empty(dom0.ProcessesOf(first.UserId));
        Assert.Empty(dom0.CgroupFolders());
    }

    [Fact]
    public async Task WhatDoesntRunIsNeitherPausedNorRestarted()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        await dom0.Domains.CreateAsync(new CreateDomainRequest
        {
            Id = "guest-1",
            Spec = new DomainSpec
            {
                Engine = "uml",
                Vcpus = 1,
                MemoryBytes = 96 << 20,
                RootImageDigest = await dom0.ImportBusyboxAsync("sh"),
                Hostname = "guest-1",
            },
        });
        Assert.Equal(StatusCode.FailedPrecondition, await RefusedAsync(() => PauseAsync(dom0)));
        Assert.Equal(StatusCode.FailedPrecondition, await RefusedAsync(() => dom0.Domains.ResumeAsync(new ResumeDomainRequest { Id = "guest-1" }).ResponseAsync));
        Assert.Equal(StatusCode.FailedPrecondition, await RefusedAsync(() => RestartAsync(dom0, 0, "one")));
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => RestartAsync(dom0, 0, "")));
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(() => RestartAsync(dom0, -1, "one")));
    }

    private static async Task<StatusCode> RefusedAsync(Func<Task<Domain>> call) => (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;

    private static Task<Domain> PauseAsync(Dom0Process dom0) => dom0.Domains.PauseAsync(new PauseDomainRequest { Id = "guest-1" }).ResponseAsync;

    private static Task<Domain> RestartAsync(Dom0Process dom0, int grace, string powerCycle, StartSettings? settings = null) => dom0.Domains.RestartAsync(
        new RestartDomainRequest { Id = "guest-1", GraceSeconds = grace, PowerCycle = powerCycle, Settings = settings }).ResponseAsync;
}
