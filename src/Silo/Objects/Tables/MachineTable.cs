using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Tables;

internal static class MachineTable
{
    public static readonly TableLayout Layout = new(
    [
        TableLayout.Name,
        new Column("Status", "string", (obj, _) => Status(obj)),
        new Column("Class", "string", (obj, _) => obj.As<VirtualMachine>().Spec.RuntimeClassName),
        new Column("Cpus", "integer", (obj, _) => Cpus(obj.As<VirtualMachine>())),
        new Column("Memory", "string", (obj, _) => Memory(obj.As<VirtualMachine>())),
        new Column("Restarts", "integer", (obj, _) => (obj.As<VirtualMachine>().Status?.RestartCount ?? 0).ToString()),
        TableLayout.Age,
        new Column("IP", "string", (obj, _) => TableLayout.OrNone(Address(obj)), Wide: true),
        new Column("Node", "string", (obj, _) => TableLayout.OrNone(obj.As<VirtualMachine>().Spec.NodeName), Wide: true),
        new Column("Image", "string", (obj, _) => TableLayout.OrNone(obj.As<VirtualMachine>().Spec.Image), Wide: true),
    ]);

    // A machine that names a type has the type's size once its host has made it.
    private static string Cpus(VirtualMachine vm) =>
        vm.Spec.HasCpus ? vm.Spec.Cpus.ToString() : vm.Status?.Domain is { Cpus: > 0 } domain ? domain.Cpus.ToString() : TableLayout.OrNone("");

    private static string Memory(VirtualMachine vm) =>
        TableLayout.OrNone(vm.Spec.Memory.Length > 0 ? vm.Spec.Memory : vm.Status?.Domain?.Memory ?? "");

    private static string Address(StoredObject obj) =>
        obj.As<VirtualMachine>().Status?.Interfaces.FirstOrDefault(card => card.IpAddress.Length > 0)?.IpAddress ?? "";

    private static string Status(StoredObject obj)
    {
        var status = obj.As<VirtualMachine>().Status;
        if (obj.Terminating) return "Terminating";
        return status is null ? "Pending" : status.Phase != "Running" && status.Reason.Length > 0 ? status.Reason : status.Phase;
    }
}
