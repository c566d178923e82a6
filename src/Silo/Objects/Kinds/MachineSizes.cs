using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>
/// A machine's size is its own (cpus, memory), or that of the type that it names: never partly each. A type's size doesn't become part of the
/// machine; it is looked up where the machine is placed and when it is sent to its host, which takes it with a start.
/// </summary>
internal static class MachineSizes
{
    public static readonly Kind Types = KindCatalog.Of<MachineType>();

    private const int DefaultCpus = 1;
    private const string DefaultMemory = "128Mi";

    public static IEnumerable<FieldError> Violations(VirtualMachineSpec spec)
    {
        if (spec.MachineTypeName.Length == 0) yield break;
        if (spec.HasCpus) yield return Twice("spec.cpus");
        if (spec.Memory.Length > 0) yield return Twice("spec.memory");
    }

    public static void FillIn(VirtualMachineSpec spec)
    {
        if (spec.MachineTypeName.Length > 0) return;
        if (!spec.HasCpus) spec.Cpus = DefaultCpus;
        if (spec.Memory.Length == 0) spec.Memory = DefaultMemory;
    }

    /// <summary>Null if it names none, or one that isn't there.</summary>
    public static MachineType? TypeOf(VirtualMachineSpec spec, ObjectCache cache) =>
        spec.MachineTypeName.Length == 0 ? null : cache[Types].Find("", spec.MachineTypeName)?.As<MachineType>();

    /// <summary>What its host shall start: the machine with its type's size; without a size while there is no such type.</summary>
    public static VirtualMachine Sized(VirtualMachine vm, ObjectCache cache)
    {
        if (TypeOf(vm.Spec, cache) is not { } type) return vm;
        var sized = vm.Clone();
        if (!sized.Spec.HasCpus) sized.Spec.Cpus = type.Spec.Cpus;
        if (sized.Spec.Memory.Length == 0) sized.Spec.Memory = type.Spec.Memory;
        return sized;
    }

    private static FieldError Twice(string field) =>
        new(field, "Forbidden: may not be set together with `spec.machineTypeName`, which names the machine's size; leave out one of them", "Forbidden");
}
