using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Scheduler;

/// <summary>
/// What a workload takes from its host. The scheduler plans with it and a host's ledger counts with it, so both always
/// mean the same. Amounts that were validated are trusted; anything else is a <see cref="FormatException"/>.
/// </summary>
public static class ResourceRequests
{
    /// <summary>What a container that requests no CPU is taken to use when hosts are ranked; Kubernetes' figure.</summary>
    public const long AssumedMilliCpu = 100;

    /// <summary>What a container that requests no memory is taken to use when hosts are ranked; Kubernetes' figure.</summary>
    public const long AssumedMemoryBytes = 200L << 20;

    /// <summary>
    /// No workload counts for more of a resource than this (8 PiB). A thousand of them still add up without reaching the end
    /// of the numbers, so what a ledger adds it can take off again exactly.
    /// </summary>
    public const long MaximumAmount = 1L << 53;

    /// <summary>A machine's virtual CPUs when neither it nor its type says.</summary>
    public const int DefaultCpus = 1;

    /// <summary>A machine's memory when neither it nor its type says.</summary>
    public const long DefaultMachineMemoryBytes = 128L << 20;

    /// <summary>
    /// What the containers request at most at any time (<see cref="PodPeak"/>), a limit standing in for an absent request, and
    /// the overhead: the pod's own, if it says so, or its runtime class's.
    /// </summary>
    public static ResourceVector RequestsOf(Pod pod, RuntimeClass? runtimeClass)
    {
        var overhead = pod.Spec?.Overhead is { Count: > 0 } own ? ResourceNames.Read(own) : OverheadOf(runtimeClass);
        return Bounded((overhead + PodPeak.Of(pod.Spec ?? new PodSpec(), container => RequestsOf(container.Resources))) with { Pods = 1 });
    }

    /// <summary>
    /// The machine's virtual CPUs and memory, its type filling what it leaves out, and the runtime class's overhead. A type that has changed
    /// since the machine started counts with the larger size: the one it has, or the one that it will have. How much of
    /// a host they take is the host's own matter (<see cref="Overcommit"/>); the overhead is never shared.
    /// </summary>
    public static ResourceVector RequestsOf(VirtualMachine machine, RuntimeClass? runtimeClass, MachineType? type = null)
    {
        var spec = machine.Spec ?? new VirtualMachineSpec();
        var running = machine.Status?.Domain;
        var cpus = spec.HasCpus ? spec.Cpus : Math.Max(type?.Spec is { Cpus: > 0 } size ? size.Cpus : DefaultCpus, running?.Cpus ?? 0);
        var memory = spec.Memory.Length > 0 ? MemoryOf(spec.Memory) : Math.Max(MemoryOf(type?.Spec?.Memory), running is { Memory.Length: > 0 } ? MemoryOf(running.Memory) : 0);
        var own = new ResourceVector { VirtualMilliCpu = cpus * 1000L, MachineMemoryBytes = memory };
        return Bounded((OverheadOf(runtimeClass) + own) with { Pods = 1 });
    }

    private static long MemoryOf(string? memory) => memory is { Length: > 0 } ? Quantities.Whole(ResourceNames.Memory, memory) : DefaultMachineMemoryBytes;

    private static ResourceVector RequestsOf(ResourceRequirements? resources)
    {
        var requests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, amount) in resources?.Limits ?? []) requests[name] = amount;
        foreach (var (name, amount) in resources?.Requests ?? []) requests[name] = amount;
        return ResourceNames.Read(requests) with
        {
            Pods = 0,
            AssumedMilliCpu = requests.ContainsKey(ResourceNames.Cpu) ? 0 : AssumedMilliCpu,
            AssumedMemoryBytes = requests.ContainsKey(ResourceNames.Memory) ? 0 : AssumedMemoryBytes,
        };
    }

    private static ResourceVector OverheadOf(RuntimeClass? runtimeClass) =>
        runtimeClass?.Overhead is { } overhead ? ResourceNames.Read(overhead.PodFixed) : default;

    private static ResourceVector Bounded(ResourceVector sum) => sum with
    {
        MilliCpu = Math.Min(sum.MilliCpu, MaximumAmount),
        MemoryBytes = Math.Min(sum.MemoryBytes, MaximumAmount),
        MachineMemoryBytes = Math.Min(sum.MachineMemoryBytes, MaximumAmount),
        EphemeralBytes = Math.Min(sum.EphemeralBytes, MaximumAmount),
        Extended = sum.Extended.Select(amount => amount with { Amount = Math.Min(amount.Amount, MaximumAmount) }).ToValueList(),
    };
}
