namespace Orchestrator.Silo.Tests.Objects;

public sealed class VolumeRulesTests
{
    [Fact]
    public async Task Every_mistake_is_named_where_it_stands()
    {
        using var silo = await Samples.Silo();
        var result = await silo.Create(Samples.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: default}
            spec:
              volumes:
              - {name: none}
              - {name: both, emptyDir: {}, hostPath: {path: /a/../b}}
              - {name: climbs, configMap: {name: c, items: [{key: k, path: ../k}, {key: k, path: /k}]}}
              - {name: mixed, projected: {sources: [{}, {downwardAPI: {items: [{path: f, fieldRef: {fieldPath: status.podIP}}, {path: g, resourceFieldRef: {resource: limits.cpu}}]}}]}}
              containers:
              - name: main
                image: i:1
                volumeMounts:
                - {name: unknown, mountPath: /x}
                - {name: none, mountPath: "/a:b", subPath: a/../../b}
                env:
                - {name: A, value: v, valueFrom: {configMapKeyRef: {name: c, key: k}}}
                - {name: B, valueFrom: {}}
                - {name: C, valueFrom: {fieldRef: {fieldPath: spec.containers}}}
                envFrom:
                - {configMapRef: {name: c}, secretRef: {name: s}}
            """));
        Assert.Equal(
            new[]
            {
                "spec.containers[0].env[0].valueFrom", "spec.containers[0].env[1].valueFrom", "spec.containers[0].env[2].valueFrom.fieldRef.fieldPath",
                "spec.containers[0].envFrom[0]", "spec.containers[0].volumeMounts[0].name", "spec.containers[0].volumeMounts[1].mountPath",
                "spec.containers[0].volumeMounts[1].subPath", "spec.volumes[0]", "spec.volumes[1]", "spec.volumes[1].hostPath.path",
                "spec.volumes[2].configMap.items[0].path", "spec.volumes[2].configMap.items[1].path", "spec.volumes[3].projected.sources[0]",
                "spec.volumes[3].projected.sources[1].downwardAPI.items[0].fieldRef.fieldPath",
                "spec.volumes[3].projected.sources[1].downwardAPI.items[1].resourceFieldRef.containerName",
            }.Order(StringComparer.Ordinal),
            result.Error!.Fields.Select(field => field.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_right_is_taken_with_its_defaults()
    {
        using var silo = await Samples.Silo();
        var result = await silo.Create(Samples.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: default}
            spec:
              volumes:
              - {name: all, projected: {sources: [{secret: {name: s}}, {configMap: {name: c, optional: true}}]}}
              - {name: place, hostPath: {path: /var/log, type: Directory}}
              containers:
              - name: main
                image: i:1
                volumeMounts: [{name: all, mountPath: /all, readOnly: true}, {name: place, mountPath: /log, mountPropagation: HostToContainer}]
                env:
                - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app.kubernetes.io/name']"}}}
            """));
        Assert.Null(result.Error);
        var spec = result.Object!.As<Orchestrator.Objects.CoreV1.Pod>().Spec;
        Assert.Equal((420, "v1"), (spec.Volumes[0].Projected.DefaultMode, spec.Containers[0].Env[0].ValueFrom.FieldRef.ApiVersion));
    }
}
