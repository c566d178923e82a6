using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Objects.Tables;

internal static class NodeTable
{
    public static readonly TableLayout Layout = new(
    [
        TableLayout.Name,
        new Column("Status", "string", (obj, _) => Status(obj.As<Node>())),
        new Column("Classes", "string", (obj, _) => Classes(obj.As<Node>())),
        TableLayout.Age,
        new Column("Version", "string", (obj, _) => obj.As<Node>().Status?.NodeInfo?.AgentVersion ?? ""),
        new Column("Internal-IP", "string", (obj, _) => Address(obj.As<Node>()), Wide: true),
        new Column("OS-Image", "string", (obj, _) => obj.As<Node>().Status?.NodeInfo?.OsImage ?? "", Wide: true),
        new Column("Kernel-Version", "string", (obj, _) => obj.As<Node>().Status?.NodeInfo?.KernelVersion ?? "", Wide: true),
        new Column("Container-Runtime", "string", (obj, _) => obj.As<Node>().Status?.NodeInfo?.ContainerRuntimeVersion ?? "", Wide: true),
    ]);

    private static string Status(Node node)
    {
        var ready = node.Status?.Conditions.FirstOrDefault(condition => condition.Type == Conditions.Ready)?.Status switch
        {
            "True" => "Ready",
            "False" => "NotReady",
            _ => "NotReady",
        };
        return node.Spec?.Unschedulable == true ? $"{ready},SchedulingDisabled" : ready;
    }

    private static string Classes(Node node) =>
        TableLayout.OrNone(string.Join(',', node.Status?.RuntimeClasses.Where(entry => entry.Available).Select(entry => entry.Name) ?? []));

    private static string Address(Node node) =>
        TableLayout.OrNone(node.Status?.Addresses.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "");
}
