using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Tests.Objects;

public sealed class InitContainerRulesTests
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
              initContainers:
              - {name: main, image: "i:1", resources: {requests: {cpu: 2}, limits: {cpu: 1}}}
              containers:
              - {name: main, image: "i:1", restartPolicy: Always}
            """));
        Assert.Equal(
            ["spec.containers[0].name", "spec.containers[0].restartPolicy", "spec.initContainers[0].resources.requests.cpu"],
            result.Error!.Fields.Select(field => field.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task They_get_the_defaults_that_containers_get_and_count_for_the_quality_of_service()
    {
        using var silo = await Samples.Silo();
        var result = await silo.Create(Samples.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: default}
            spec:
              initContainers:
              - {name: prepare, image: "i:1", resources: {limits: {cpu: 1}}}
              containers:
              - {name: main, image: "i:1"}
            """));
        var pod = result.Object!.As<Pod>();
        Assert.Equal(("IfNotPresent", "1"), (pod.Spec.InitContainers[0].ImagePullPolicy, pod.Spec.InitContainers[0].Resources.Requests["cpu"]));
        Assert.Equal("Burstable", pod.Status.QosClass);
    }
}
