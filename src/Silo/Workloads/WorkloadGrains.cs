using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Workloads;

/// <summary>From a workload's key to its grain.</summary>
internal static class WorkloadGrains
{
    public static readonly Kind Pods = KindCatalog.Of<Pod>();
    public static readonly Kind Machines = KindCatalog.Of<VirtualMachine>();

    public static bool IsWorkload(Kind kind) => kind == Pods || kind == Machines;

    public static IWorkloadGrain Workload(this IGrainFactory grains, ObjectKey key) => key.Resource == Pods.Resource
        ? grains.GetGrain<IPodGrain>(key.ToString())
        : grains.GetGrain<IVirtualMachineGrain>(key.ToString());
}
