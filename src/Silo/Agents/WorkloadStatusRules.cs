using Google.Protobuf;
using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Agents;

/// <summary>What a reported status must keep to: the rules of its definition, on an otherwise valid object around it.</summary>
internal static class WorkloadStatusRules
{
    public static IReadOnlyList<FieldError> Check(WorkloadReport report)
    {
        var metadata = new ObjectMeta { Name = "reported", Namespace = "default" };
        IMessage around = report.StatusCase == WorkloadReport.StatusOneofCase.Pod
            ? new Pod { Metadata = metadata, Spec = new PodSpec { Containers = { new Container { Name = "c", Image = "i" } } }, Status = report.Pod }
            : new VirtualMachine { Metadata = metadata, Spec = new VirtualMachineSpec { Image = "i" }, Status = report.VirtualMachine };
        return Validation.Check(around);
    }
}
