using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Contracts.Tests.Encoding;

public sealed class ManifestsTests
{
    [Fact]
    public void A_pod_gets_its_fields_and_its_defaults()
    {
        var pod = One<Pod>("""
            # A web server.
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels: {app.kubernetes.io/name: web}
              creationTimestamp: null
            spec:
              containers:
              - name: web
                image: registry.local:5000/team/web:1.2
                args: ["-p", "80"]
                ports:
                - containerPort: 80
                resources:
                  requests: {cpu: 0.5, memory: 64Mi}
                  limits: {cpu: 1}
              priority: 0
            """);

        var container = Assert.Single(pod.Spec.Containers);
        Assert.Equal("0.5", container.Resources.Requests["cpu"]);
        Assert.Equal("TCP", container.Ports[0].Protocol);
        Assert.Equal(("Always", 30L, "default-scheduler"), (pod.Spec.RestartPolicy, pod.Spec.TerminationGracePeriodSeconds, pod.Spec.SchedulerName));
        Assert.True(pod.Spec.HasPriority);
        Assert.Null(pod.Metadata.CreationTimestamp);
    }

    [Fact]
    public void Every_error_of_every_document_is_reported_with_its_place()
    {
        var result = Read("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: ../x
            spec:
              containers:
              - name: web
                imag: nginx
                ports:
                - containerport: 80
                - containerPort: 70000
                command: ["sh", 5]
              restartPolicy: Sometimes
            ---
            apiVersion: v1
            kind: Pods
            ---
            kind: "unfinished
            ---
            apiVersion: v1
            kind: Node
            metadata: {name: n, namespace: default}
            spec: 5
            """);

        Assert.Equal(
            """
            pod.yaml:4:9: metadata.name: Invalid value "../x": must be a lower-case DNS subdomain (labels [a-z0-9]([-a-z0-9]*[a-z0-9])? of at most 63 characters, joined by '.'), at most 253 characters
            pod.yaml:8:5: spec.containers[0].imag: unknown field 'imag'; did you mean 'image'?
            pod.yaml:10:7: spec.containers[0].ports[0].containerport: unknown field 'containerport'; did you mean 'containerPort'?
            pod.yaml:11:22: spec.containers[0].ports[1].containerPort: Invalid value 70000: must be between 1 and 65535
            pod.yaml:12:21: spec.containers[0].command[1]: expected a string, found the number 5; write it in quotes: "5"
            pod.yaml:13:18: spec.restartPolicy: Unsupported value "Sometimes": must be one of "Always", "OnFailure", "Never"
            pod.yaml:16:7: kind: no kind 'Pods' in v1; did you mean 'Pod'?
            pod.yaml:18:7: is not valid YAML: While scanning a quoted scalar, found unexpected end of stream.
            pod.yaml:22:32: metadata.namespace: Forbidden: a Node is cluster-wide and has no namespace; remove this field
            pod.yaml:23:7: spec: expected an object, found the number 5
            """,
            string.Join('\n', result.Errors));
    }

    private static DecodeResult Read(string text) => Manifests.Read(System.Text.Encoding.UTF8.GetBytes(text), "pod.yaml");

    private static T One<T>(string text) where T : IMessage<T>
    {
        var result = Read(text);
        Assert.Empty(result.Errors);
        return Assert.IsType<T>(Assert.Single(result.Objects).Message);
    }
}
