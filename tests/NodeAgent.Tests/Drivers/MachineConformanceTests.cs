using Orchestrator.Conformance.Containerd;
using Orchestrator.Conformance.Drivers;
using Orchestrator.Conformance.Fakes;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Drivers.Machine;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Networking;
using Orchestrator.NodeAgent.Options;
using Orchestrator.NodeAgent.Tests.Networking;
using Orchestrator.NodeAgent.Tests.Real;

namespace Orchestrator.NodeAgent.Tests.Drivers;

internal sealed class MachineParts : IDisposable
{
    private readonly ContainerdClient _containerd;
    private readonly Dom0Client _dom0;

    /// <param name="data">Of the agent whose driver it is, with CNI's configuration in it.</param>
    /// <param name="entry">The words that run a command in the host's network.</param>
    public MachineParts(string containerd, string dom0, string data, params string[] entry)
    {
        _containerd = ContainerdClient.Open(containerd);
        _dom0 = Dom0Client.Open(dom0);
        var content = new ContentStore(_containerd);
        var networks = MachineNetworks.Open(new AgentOptions { Data = data, CniConf = Path.Join(data, "cni") }, new HostTools(entry));
        Driver = new MachineDriver(_dom0, new MachineDisks(_dom0, content, new LayoutArchive(content)), networks, TimeProvider.System);
        Images = new ImageStore(_containerd);
    }

    public MachineDriver Driver { get; }

    public ImageStore Images { get; }

    public void Dispose()
    {
        _dom0.Dispose();
        _containerd.Dispose();
    }
}

public sealed class FakeMachineConformanceTests : MachineDriverConformance, IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("oct-fake").FullName;
    private readonly FakeContainerd _containerd;
    private readonly FakeDom0 _dom0;
    private readonly MachineParts _parts;

    public FakeMachineConformanceTests()
    {
        _containerd = new FakeContainerd(Path.Join(_data, "c.sock"), TimeProvider.System);
        _dom0 = new FakeDom0(Path.Join(_data, "d.sock"), TimeProvider.System);
        TestPool.Write(_data);
        _parts = new MachineParts(_containerd.Endpoint, _dom0.Endpoint, _data);
        _containerd.Images.Add(Image);
    }

    protected override string Image => "localhost/busybox:1";

    protected override string Greeting => "booted";

    internal override ImageStore Images => _parts.Images;

    internal override IWorkloadDriver CreateDriver() => new MachineParts(_containerd.Endpoint, _dom0.Endpoint, _data).Driver;

    public async ValueTask InitializeAsync()
    {
        await _containerd.StartAsync();
        await _dom0.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _containerd.DisposeAsync();
        await _dom0.DisposeAsync();
        _parts.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}

/// <summary>The real dom0 with real User-Mode Linux guests, made of the image that is in a real containerd.</summary>
[Collection(RealContainerdCollection.Name)]
public sealed class RealMachineConformanceTests(RealContainerd containerd) : MachineDriverConformance, IAsyncLifetime
{
    private RealDom0? _dom0;
    private MachineParts? _parts;

    protected override string Image => RealContainerd.Busybox;

    protected override string Greeting => "guest-is-up";

    internal override ImageStore Images => _parts!.Images;

    internal override IWorkloadDriver CreateDriver() => Parts().Driver;

    public async ValueTask InitializeAsync()
    {
        _dom0 = await RealDom0.StartAsync(containerd);
        _parts = Parts();
    }

    private MachineParts Parts() => new(containerd.Endpoint, _dom0!.Endpoint, containerd.Data, "nsenter", $"--net=/run/netns/{containerd.Name}");

    public async ValueTask DisposeAsync()
    {
        _parts?.Dispose();
        if (_dom0 is not null) await _dom0.DisposeAsync();
    }
}
