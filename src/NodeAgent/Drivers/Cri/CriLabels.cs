using Google.Protobuf.Collections;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// What the agent writes on sandboxes and containers to know them again. The first four are kubelet's, so that
/// crictl and log collectors understand our pods; <see cref="Agent"/> tells ours from those of a kubelet that
/// shares the containerd.
/// </summary>
internal static class CriLabels
{
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string ContainerName = "io.kubernetes.container.name";
    public const string Agent = "orchestrator.dev/agent";
    public const string AgentValue = "orchestrator-agent";

    // Annotations.
    public const string Image = "orchestrator.dev/image";
    public const string BackOffStep = "orchestrator.dev/back-off-step";
    public const string GraceSeconds = "orchestrator.dev/grace-seconds";

    public static void AddTo(MapField<string, string> labels, WorkloadId id)
    {
        labels[PodName] = id.Name;
        labels[PodNamespace] = id.Namespace;
        labels[PodUid] = id.Uid;
        labels[Agent] = AgentValue;
    }

    public static WorkloadId? IdOf(MapField<string, string> labels)
        => labels.TryGetValue(PodUid, out var uid) && labels.TryGetValue(PodName, out var name) && labels.TryGetValue(PodNamespace, out var ns)
            ? new WorkloadId(WorkloadKind.Pod, ns, name, uid) : null;

    public static int Number(MapField<string, string> annotations, string key, int otherwise)
        => annotations.TryGetValue(key, out var text) && int.TryParse(text, out var number) ? number : otherwise;
}
