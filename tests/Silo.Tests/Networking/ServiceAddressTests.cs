using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Tests.Objects;

namespace Orchestrator.Silo.Tests.Networking;

/// <summary>Addresses and ports of Services, as clients ask for them through the pipeline.</summary>
public sealed class ServiceAddressTests : IAsyncLifetime
{
    private static readonly Kind Services = KindCatalog.Of<Service>();
    private SiloParts _parts = null!;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _parts = await Samples.Silo();

    public ValueTask DisposeAsync()
    {
        _parts.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Services_that_come_at_once_have_addresses_and_ports_of_their_own()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Create($"s{number}", "type: NodePort, ports: [{name: a, port: 80}, {name: b, port: 81}]")));
        Assert.Equal(60, made.Select(service => service.Spec.ClusterIp).Distinct().Count());
        Assert.Equal(120, made.SelectMany(service => service.Spec.Ports).Select(port => port.NodePort).Distinct().Count());
        // The lowest ones are kept for those who ask for them.
        Assert.All(made, service => Assert.StartsWith("10.96.1.", service.Spec.ClusterIp));
        Assert.All(made.SelectMany(service => service.Spec.Ports), port => Assert.InRange(port.NodePort, 30086, 32767));
    }

    [Theory]
    [InlineData("clusterIP: 10.96.0.20, ports: [{port: 80}]", "spec.clusterIP: Invalid value \"10.96.0.20\": provided IP is already allocated, to service default/taken")]
    [InlineData("clusterIP: 10.97.0.10, ports: [{port: 80}]", "spec.clusterIP: Invalid value \"10.97.0.10\": the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16")]
    [InlineData("clusterIP: 10.96.0.10, ports: [{port: 53}]", "provided IP is already allocated, to the cluster's DNS server")]
    [InlineData("clusterIP: 10.96.0.0, ports: [{port: 80}]", "not in the valid range")]
    [InlineData("type: NodePort, ports: [{port: 80, nodePort: 30080}]", "spec.ports[0].nodePort: Invalid value \"30080\": provided port is already allocated, to service default/taken")]
    [InlineData("type: NodePort, ports: [{port: 80, nodePort: 80}]", "spec.ports[0].nodePort: Invalid value \"80\": provided port is not in the valid range. The range of valid ports is 30000-32767")]
    [InlineData("type: NodePort, ports: [{name: a, port: 80, nodePort: 30081}, {name: b, port: 81, nodePort: 30081}]", "spec.ports[1].nodePort: Duplicate value \"30081\"")]
    [InlineData("ports: [{port: 80, nodePort: 30081}]", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("type: NodePort, clusterIP: None, ports: [{port: 80}]", "spec.clusterIP: Invalid value \"None\"")]
    [InlineData("externalIPs: [127.0.0.1], ports: [{port: 80}]", "spec.externalIPs[0]: Invalid value")]
    public async Task What_can_not_be_given_is_refused_with_its_field(string spec, string expected)
    {
        await Create("taken", "type: NodePort, clusterIP: 10.96.0.20, ports: [{port: 80, nodePort: 30080}]");
        var refused = await Try("s", spec);
        Assert.Equal(ErrorReason.Invalid, refused.Error?.Reason);
        Assert.Contains(expected, refused.Error!.Message);
        // A port of another protocol is another port; what was refused has taken nothing.
        await Create("other", "type: NodePort, ports: [{port: 53, nodePort: 30080, protocol: UDP}, {name: b, port: 54, nodePort: 30081}]".Replace("[{port", "[{name: a, port"));
    }

    [Fact]
    public async Task What_was_given_stays_with_the_service_and_is_free_after_it()
    {
        var first = await Create("s", "type: NodePort, ports: [{port: 80}]");
        var again = await Update("s", "type: NodePort, ports: [{port: 80}, {port: 81}]".Replace("{port: 80}", "{name: a, port: 80}").Replace("{port: 81}", "{name: b, port: 81}"));
        Assert.Equal((first.Spec.ClusterIp, first.Spec.Ports[0].NodePort), (again.Spec.ClusterIp, again.Spec.Ports[0].NodePort));
        Assert.NotEqual(0, again.Spec.Ports[1].NodePort);
        var inside = await Update("s", $"type: ClusterIP, ports: [{{port: 80, nodePort: {first.Spec.Ports[0].NodePort}}}]");
        Assert.Equal((first.Spec.ClusterIp, 0), (inside.Spec.ClusterIp, inside.Spec.Ports[0].NodePort));
        await Create("t", $"type: NodePort, ports: [{{port: 80, nodePort: {first.Spec.Ports[0].NodePort}}}]");
        var named = await Update("s", "type: ExternalName, externalName: example.com");
        Assert.Equal(("", 0), (named.Spec.ClusterIp, named.Spec.ClusterIps.Count));
        Assert.Equal(first.Spec.ClusterIp, (await Create("u", $"clusterIP: {first.Spec.ClusterIp}, ports: [{{port: 80}}]")).Spec.ClusterIp);
        Assert.NotEqual("", (await Update("s", "ports: [{port: 80}]")).Spec.ClusterIp);
        await _parts.Pipeline.Delete(new ObjectKey(Services.Resource, "default", "u"), Services, new DeleteOptions(), Limit);
        await Create("v", $"clusterIP: {first.Spec.ClusterIp}, ports: [{{port: 80}}]");
        Assert.Contains("field is immutable", (await TryUpdate("v", "clusterIP: 10.96.0.77, ports: [{port: 80}]")).Error!.Message);
        Assert.Equal("None", (await Create("headless", "clusterIP: None")).Spec.ClusterIps.Single());
    }

    private async Task<Service> Create(string name, string spec)
    {
        var result = await Try(name, spec);
        Assert.True(result.Succeeded, result.Error?.Message);
        return result.Object!.As<Service>();
    }

    private async Task<Service> Update(string name, string spec)
    {
        var result = await TryUpdate(name, spec);
        Assert.True(result.Succeeded, result.Error?.Message);
        return result.Object!.As<Service>();
    }

    private Task<ObjectResult> Try(string name, string spec) => _parts.Pipeline.Create(Services, Read(name, spec), RequestOptions.Default, Limit);

    private Task<ObjectResult> TryUpdate(string name, string spec) => _parts.Pipeline.Update(Services, Read(name, spec), statusOnly: false, RequestOptions.Default, Limit);

    private static Service Read(string name, string spec) =>
        (Service)Samples.Read($"{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{{spec}}}}}").Message;
}
