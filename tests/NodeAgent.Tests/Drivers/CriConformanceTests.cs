using Orchestrator.Conformance.Containerd;
using Orchestrator.Conformance.Drivers;
using Orchestrator.Conformance.Fakes;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Tests.Real;

namespace Orchestrator.NodeAgent.Tests.Drivers;

[Collection(RealContainerdCollection.Name)]
public sealed class RealCriConformanceTests(RealContainerd containerd) : PodDriverConformance, IDisposable
{
    private readonly CriParts _parts = new(containerd.Endpoint, Path.Join(containerd.Data, "kit"), containerd.CgroupParent, "crun");

    protected override string Image => RealContainerd.Busybox;

    internal override ImageStore Images => _parts.Images;

    internal override IWorkloadDriver CreateDriver()
        => new CriParts(containerd.Endpoint, Path.Join(containerd.Data, "kit"), containerd.CgroupParent, "crun").Driver;

    public void Dispose() => _parts.Dispose();
}

public sealed class FakeCriConformanceTests : PodDriverConformance, IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("oct-fake").FullName;
    private readonly FakeContainerd _containerd;
    private readonly CriParts _parts;

    public FakeCriConformanceTests()
    {
        _containerd = new FakeContainerd(Path.Join(_data, "c.sock"), TimeProvider.System);
        _parts = new CriParts(_containerd.Endpoint, _data, "/none", "");
        _containerd.Images.Add(Image);
    }

    protected override string Image => "localhost/busybox:1";

    internal override ImageStore Images => _parts.Images;

    internal override IWorkloadDriver CreateDriver() => new CriParts(_containerd.Endpoint, _data, "/none", "").Driver;

    public async ValueTask InitializeAsync() => await _containerd.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _containerd.DisposeAsync();
        _parts.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}
