using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Tests.Objects;

public sealed class MachineRulesTests
{
    [Fact]
    public async Task Every_mistake_in_its_disks_is_named_where_it_stands()
    {
        using var silo = await Samples.Silo();
        var result = await silo.Create(Machine("disks: [{name: root, size: 1Gi}, {name: data}, {name: tools, image: \"tools:1\"}]"));
        Assert.Equal(
            ["spec.disks[0].name", "spec.disks[1].size"],
            result.Error!.Fields.Select(field => field.Path).Where(path => path.Contains("disks")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("paused: true", true)]
    [InlineData("powerCycle: {id: one}", true)]
    [InlineData("runStrategy: Halted", true)]
    [InlineData("snapshots: [{name: first}]", true)]
    [InlineData("cloneOf: {virtualMachine: vm, snapshot: first}", false)]
    [InlineData("disks: [{name: data, size: 2Gi}]", true)]
    [InlineData("disks: [{name: data, size: 512Mi}]", false)]
    [InlineData("disks: [{name: other, size: 1Gi}]", false)]
    public async Task Its_power_may_change_and_its_disks_grow_and_what_it_is_made_of_may_not_change(string change, bool allowed)
    {
        using var silo = await Samples.Silo();
        var created = await silo.Apply(Machine("disks: [{name: data, size: 1Gi}]"));
        Assert.True(created.Succeeded, created.Error?.Message);
        var changed = await silo.Apply(Machine(change.StartsWith("disks", StringComparison.Ordinal) ? change : $"disks: [{{name: data, size: 1Gi}}], {change}"));
        Assert.Equal(allowed, changed.Succeeded);
        if (change.StartsWith("powerCycle", StringComparison.Ordinal)) Assert.Equal("Restart", changed.Object!.As<VirtualMachine>().Spec.PowerCycle.Type);
    }

    [Fact]
    public async Task A_clone_has_image_disks_and_host_of_what_it_is_a_clone_of()
    {
        using var silo = await Samples.Silo();
        var source = (await silo.Apply(Machine("nodeName: host-1, rootDisk: {size: 2Gi}, disks: [{name: data, size: 1Gi}]"))).Object!;
        var clone = Samples.Read("{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: copy, namespace: default}, spec: {cloneOf: {virtualMachine: vm, snapshot: first}}}");
        var refused = await silo.Create(clone);
        Assert.Contains("it has none", Assert.Single(refused.Error!.Fields, field => field.Path == "spec.cloneOf.snapshot").Message, StringComparison.Ordinal);
        await silo.Editor.Edit<VirtualMachine>(source.Key, source.Uid, vm =>
        {
            vm.Status.Snapshots.Add(new SnapshotStatus { Name = "first" });
            return true;
        });
        var created = await silo.Create(clone);
        Assert.True(created.Succeeded, created.Error?.Message);
        var spec = created.Object!.As<VirtualMachine>().Spec;
        Assert.Equal(("web:1", "host-1", "2Gi", source.Uid), (spec.Image, spec.NodeName, spec.RootDisk.Size, spec.CloneOf.Uid));
        Assert.Equal(source.As<VirtualMachine>().Spec.Disks, spec.Disks);
    }

    private static Orchestrator.Contracts.Encoding.DecodedObject Machine(string spec) =>
        Samples.Read($"{{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {{name: vm, namespace: default}}, spec: {{image: \"web:1\", {spec}}}}}");
}
