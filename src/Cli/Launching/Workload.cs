using Google.Protobuf;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Cli.Launching;

/// <summary>The object that <c>orc run</c> makes: a pod or a virtual machine, one of the two.</summary>
internal sealed record Workload(Pod? Pod, VirtualMachine? Machine)
{
    public string Name => Metadata.Name;
    public string Namespace => Metadata.Namespace;
    public IMessage Object => (IMessage?)Pod ?? Machine!;

    /// <summary>The plural of its type, as the server knows it.</summary>
    public string Resource => Pod is null ? "virtualmachines" : "pods";

    /// <summary><c>pod/web</c>, <c>virtualmachine.virt.orchestrator.dev/db</c>: without asking the server for its kinds.</summary>
    public string DisplayName => Pod is null ? $"virtualmachine.virt.orchestrator.dev/{Name}" : $"pod/{Name}";

    private ObjectMeta Metadata => Pod?.Metadata ?? Machine!.Metadata;
}
