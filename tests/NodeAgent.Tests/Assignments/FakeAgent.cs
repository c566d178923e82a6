using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Conformance.Fakes;
using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Drivers.Machine;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Networking;
using Orchestrator.NodeAgent.Options;
using Orchestrator.NodeAgent.Tests.Networking;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>The whole agent in this process, as Program composes it, between a fake silo, a fake containerd and a fake dom0, on a clock of the test's.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private IHost? _host;

    public string Data { get; } = Directory.CreateTempSubdirectory("oct-agent").FullName;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeContainerd Containerd { get; }

    public FakeDom0 Dom0 { get; }

    public FakeSilo Silo { get; private set; } = null!;

    public FakeSession Session { get; private set; } = null!;

    public static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    private FakeAgent()
    {
        Containerd = new FakeContainerd(Path.Join(Data, "c.sock"), Time);
        Dom0 = new FakeDom0(Path.Join(Data, "d.sock"), Time);
        Containerd.Images.Add("busybox:1");
        TestPool.Write(Data);
    }

    public static async Task<FakeAgent> StartAsync()
    {
        var agent = new FakeAgent();
        await agent.Containerd.StartAsync();
        await agent.Dom0.StartAsync();
        agent.Silo = await FakeSilo.StartAsync(Path.Join(agent.Data, "s.sock"));
        await agent.StartProcessAsync();
        return agent;
    }

    /// <summary>A new agent over what the last one left.</summary>
    public async Task StartProcessAsync()
    {
        _host = Compose();
        await _host.StartAsync();
        Session = await Silo.NextSessionAsync(Limit);
    }

    /// <summary>The parts of an agent that doesn't run.</summary>
    public IHost Compose()
    {
        var builder = AgentHost.CreateBuilder(new Dictionary<string, string?>
        {
            ["Agent:Host"] = "h",
            ["Agent:Silo"] = Silo.Endpoint,
            ["Agent:Containerd"] = Containerd.Endpoint,
            ["Agent:Dom0"] = Dom0.Endpoint,
            ["Agent:Data"] = Data,
            ["Agent:CgroupParent"] = "/none",
            ["Agent:CniConf"] = Path.Join(Data, "cni"),
        });
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time)).Replace(ServiceDescriptor.Singleton(new Random(7)));
        builder.AddAgentOptions().AddImages().AddCriDriver().AddNetworking().AddMachineDriver().AddFingerprint().AddAssignments().AddConnection();
        return builder.Build();
    }

    /// <summary>As an end by kill -9 is for the workloads: nothing is told, nothing is stopped.</summary>
    public async Task KillProcessAsync()
    {
        if (_host is null) return;
        await _host.StopAsync();
        _host.Dispose();
        _host = null;
    }

    /// <summary>Lets time go by in small steps until something is as it shall be; timers that a step starts run in the next.</summary>
    public async Task<T> PassAsync<T>(TimeSpan step, Task<T> until)
    {
        while (!until.IsCompleted)
        {
            Time.Advance(step);
            await Task.WhenAny(until, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        return await until;
    }

    public Task PassAsync(TimeSpan step, Task until) => PassAsync(step, AsValueAsync(until));

    private static async Task<bool> AsValueAsync(Task task)
    {
        await task;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await KillProcessAsync();
        await Silo.DisposeAsync();
        await Containerd.DisposeAsync();
        await Dom0.DisposeAsync();
        foreach (var mount in FileSystem.MountsWithin(Data)) FileSystem.Unmount(mount);
        Directory.Delete(Data, recursive: true);
    }
}
