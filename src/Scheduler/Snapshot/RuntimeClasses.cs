using Orchestrator.Objects.NodeV1;

namespace Orchestrator.Scheduler;

/// <summary>
/// Hosts report the built-in runtime classes. A class that a user defined runs wherever the built-in class with its
/// handler runs, and under its own name if there is none.
/// </summary>
internal static class RuntimeClasses
{
    public const string Container = "container";
    public const string Paravirtual = "paravirtual";

    public static string AsReportedByHosts(string name, string absent, RuntimeClass? runtimeClass) => runtimeClass?.Handler switch
    {
        "container" => Container,
        "uml" => Paravirtual,
        "qemu" => "emulated",
        "kvm" => "hardware",
        _ => name.Length == 0 ? absent : name,
    };
}
