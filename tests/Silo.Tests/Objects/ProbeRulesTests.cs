namespace Orchestrator.Silo.Tests.Objects;

public sealed class ProbeRulesTests
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
              - {name: a, image: "i:1", readinessProbe: {exec: {command: ["true"]}}}
              containers:
              - name: main
                image: i:1
                livenessProbe: {successThreshold: 2, tcpSocket: {port: 70000}}
                readinessProbe: {terminationGracePeriodSeconds: 5}
                startupProbe: {exec: {command: ["true"]}, grpc: {port: 80}}
            """));
        Assert.Equal(
            [
                "spec.containers[0].livenessProbe.successThreshold", "spec.containers[0].livenessProbe.tcpSocket.port", "spec.containers[0].readinessProbe",
                "spec.containers[0].readinessProbe.terminationGracePeriodSeconds", "spec.containers[0].startupProbe", "spec.initContainers[0].readinessProbe",
            ],
            result.Error!.Fields.Select(field => field.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_left_out_is_filled_in()
    {
        using var silo = await Samples.Silo();
        var result = await silo.Create(Samples.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: default}
            spec:
              containers:
              - {name: main, image: "i:1", readinessProbe: {httpGet: {port: web, path: /}}}
            """));
        var probe = result.Object!.As<Orchestrator.Objects.CoreV1.Pod>().Spec.Containers[0].ReadinessProbe;
        Assert.Equal((10, 1, 1, 3, "HTTP", "web"), (probe.PeriodSeconds, probe.TimeoutSeconds, probe.SuccessThreshold, probe.FailureThreshold, probe.HttpGet.Scheme, probe.HttpGet.Port.StringValue));
    }
}
