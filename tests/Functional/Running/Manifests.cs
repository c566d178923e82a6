namespace Orchestrator.Functional.Running;

/// <summary>Manifests that several tests apply.</summary>
internal static class Manifests
{
    public static string Pod(string name, string host = "host-1", string image = DevCluster.Image) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}}
        spec:
          nodeName: {{host}}
          terminationGracePeriodSeconds: 5
          containers:
          - {name: main, image: "{{image}}", imagePullPolicy: IfNotPresent}
        """;

    public static string Machine(string name, string runtimeClass, string host = "host-1") => $$"""
        apiVersion: virt.orchestrator.dev/v1
        kind: VirtualMachine
        metadata: {name: {{name}}}
        spec:
          nodeName: {{host}}
          runtimeClassName: {{runtimeClass}}
          image: {{DevCluster.Image}}
          terminationGracePeriodSeconds: 5
        """;
}
