namespace Orchestrator.Silo.Tests.Objects;

/// <summary>The networks of a machine, as people write them.</summary>
public sealed class MachineNetworkTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("networks: [{name: default, pod: {}}]", null)]
    [InlineData("interfaces: [{name: default, macAddress: '02:00:00:00:00:01'}]", null)]
    [InlineData("networks: [{name: a, pod: {}}, {name: b, segment: rack}], interfaces: [{name: b, addresses: [10.1.0.7/16]}]", null)]
    [InlineData("networks: [{name: a}]", "spec.networks[0]: Invalid value \"a\": must have exactly one of pod and segment")]
    [InlineData("networks: [{name: a, pod: {}, segment: b}]", "spec.networks[0]: Invalid value \"a\": must have exactly one of pod and segment")]
    [InlineData("networks: [{name: a, pod: {}}, {name: b, pod: {}}]", "spec.networks[1].pod: Invalid value \"b\": a machine is on the pods' network once at most")]
    [InlineData("interfaces: [{name: other}]", "spec.interfaces[0].name: Invalid value \"other\": must be the name of one of spec.networks")]
    [InlineData("interfaces: [{name: default, addresses: [10.88.1.7/24]}]", "spec.interfaces[0].addresses: Invalid value \"10.88.1.7/24\": on the pods' network")]
    [InlineData("networks: [{name: a, segment: b}], interfaces: [{name: a, addresses: ['fd00::1/64']}]", "spec.interfaces[0].addresses: Invalid value \"fd00::1/64\": must be IPv4")]
    public async Task What_it_may_be_connected_to(string networks, string? problem)
    {
        using var silo = await Samples.Silo();
        var spec = string.Join(", ", new[] { "image: 'web:1'", networks }.Where(part => part.Length > 0));
        var result = await silo.Create(Samples.Read($"{{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {{name: vm}}, spec: {{{spec}}}}}"));
        Assert.Equal(problem is null, result.Succeeded);
        if (problem is not null) Assert.Contains(problem, result.Error!.Message, StringComparison.Ordinal);
    }
}
