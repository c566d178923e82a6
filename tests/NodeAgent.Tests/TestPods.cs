using Google.Protobuf.WellKnownTypes;
using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.NodeAgent.Tests;

internal static class TestPods
{
    public static Assignment Pod(string name, string image, string script, string restartPolicy = "Always", int graceSeconds = 2)
        => Pod(name, restartPolicy, graceSeconds, new Container { Name = "main", Image = image, Command = { "/bin/sh", "-c", script } });

    public static Assignment Pod(string name, string restartPolicy, int graceSeconds, params Container[] containers) => new()
    {
        RuntimeHandler = "container",
        Pod = new Pod
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = $"uid-{name}" },
            Spec = new PodSpec { RestartPolicy = restartPolicy, TerminationGracePeriodSeconds = graceSeconds, Containers = { containers } },
        },
    };

    public static Assignment Deleting(this Assignment assignment)
    {
        var copy = assignment.Clone();
        (copy.Pod?.Metadata ?? copy.VirtualMachine.Metadata).DeletionTimestamp = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        return copy;
    }

    public static WorkloadRef Reference(this Assignment assignment)
    {
        var meta = assignment.Pod?.Metadata ?? assignment.VirtualMachine.Metadata;
        return new WorkloadRef
        {
            Kind = assignment.Pod is null ? WorkloadRef.Types.Kind.VirtualMachine : WorkloadRef.Types.Kind.Pod,
            Namespace = meta.Namespace,
            Name = meta.Name,
            Uid = meta.Uid,
        };
    }
}
