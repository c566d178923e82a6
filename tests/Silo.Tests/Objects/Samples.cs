using System.Text;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Tests.Objects;

/// <summary>Objects as clients send them: decoded, defaulted and validated.</summary>
internal static class Samples
{
    public static DecodedObject Read(string yaml)
    {
        var decoded = Manifests.Read(Encoding.UTF8.GetBytes("---\n" + yaml), "test");
        Assert.Empty(decoded.Errors);
        return Assert.Single(decoded.Objects);
    }

    public static DecodedObject Pod(string name, string image = "web:1", string extra = "") => Read($$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: default}
        spec:
          containers:
          - {name: main, image: "{{image}}"}
          {{extra}}
        """);

    public static Task<ObjectResult> Create(this SiloParts silo, DecodedObject obj, string requestId = "") =>
        silo.Pipeline.Create(obj.Kind, obj.Message, new RequestOptions(RequestId: requestId), default);

    public static Task<ObjectResult> Apply(this SiloParts silo, DecodedObject obj, bool dryRun = false) =>
        silo.Pipeline.Apply(obj.Kind, obj.Message, statusOnly: false, new RequestOptions(dryRun, FieldManager: "test"), default);

    /// <summary>A silo with the namespace `default` and the class `container`.</summary>
    public static async Task<SiloParts> Silo()
    {
        var silo = new SiloParts();
        await silo.Create(Read("{apiVersion: v1, kind: Namespace, metadata: {name: default}}"));
        await silo.Create(Read("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: container}, handler: container}"));
        await silo.Create(Read("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: paravirtual}, handler: uml}"));
        return silo;
    }

    /// <summary>Binds a pod as its host's grain does.</summary>
    public static Task<Orchestrator.Silo.Cache.StoredObject?> Bind(this SiloParts silo, Orchestrator.Contracts.Ids.ObjectKey key, string host) =>
        silo.Editor.Edit<Pod>(key, "", pod =>
        {
            pod.Spec.NodeName = host;
            pod.Status.Conditions.Add(new Condition { Type = "PodScheduled", Status = "True" });
            return true;
        });
}
