using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering.Describing;

internal static class NodeDescription
{
    public static void Write(Description text, JsonNode node, TimeProvider time)
    {
        ObjectHead.Names(text, node);
        ObjectHead.Labels(text, node);
        ObjectHead.Times(text, node, time);
        text.Lines(0, "Taints", node.Items("spec", "taints").Select(taint =>
            $"{taint.Text("key")}{(taint.Text("value") is { Length: > 0 } value ? $"={value}" : "")}:{taint.Text("effect")}"));
        text.Field(0, "Unschedulable", node.Text("spec", "unschedulable") == "true" ? "true" : "false");
        ObjectHead.Conditions(text, node);
        text.Heading(0, "Addresses");
        foreach (var address in node.Items("status", "addresses")) text.Field(1, address.Text("type"), address.Text("address"));
        Amounts(text, "Capacity", node.At("status", "capacity"));
        Amounts(text, "Allocatable", node.At("status", "allocatable"));
        SystemInfo(text, node.At("status", "nodeInfo"));
        if (node.At("status", "virtualization") is { } virtualization) Virtualization(text, virtualization);
        var classes = node.Items("status", "runtimeClasses").ToList();
        if (classes.Count == 0) return;
        text.Heading(0, "Runtime Classes");
        text.Table(1, ["Name", "Available", "Message"], classes.Select(found => (IReadOnlyList<string>)
            [found.Text("name"), found.Text("available") == "true" ? "True" : "False", found.Text("message")]).ToList());
    }

    /// <summary>What runs there now.</summary>
    public static void Workloads(Description text, IReadOnlyList<JsonNode> workloads, TimeProvider time)
    {
        text.Heading(0, $"Workloads ({workloads.Count} in total)");
        if (workloads.Count == 0) return;
        text.Table(1, ["Namespace", "Kind", "Name", "Status", "Age"], workloads.Select(workload => (IReadOnlyList<string>)
        [
            workload.Text("metadata", "namespace"), workload.Text("kind"), workload.Text("metadata", "name"), workload.Text("status", "phase"),
            Age.Since(workload.Text("metadata", "creationTimestamp"), time),
        ]).ToList());
    }

    private static void Amounts(Description text, string heading, JsonNode? amounts)
    {
        text.Heading(0, heading);
        foreach (var (key, value) in amounts.Entries()) text.Field(1, key, value);
    }

    private static void SystemInfo(Description text, JsonNode? info)
    {
        text.Heading(0, "System Info");
        text.OptionalField(1, "Machine ID", info.Text("machineID"));
        text.OptionalField(1, "Boot ID", info.Text("bootID"));
        text.OptionalField(1, "Kernel Version", info.Text("kernelVersion"));
        text.OptionalField(1, "OS Image", info.Text("osImage"));
        text.OptionalField(1, "Operating System", info.Text("operatingSystem"));
        text.OptionalField(1, "Architecture", info.Text("architecture"));
        text.OptionalField(1, "Container Runtime Version", info.Text("containerRuntimeVersion"));
        text.OptionalField(1, "Agent Version", info.Text("agentVersion"));
    }

    private static void Virtualization(Description text, JsonNode virtualization)
    {
        text.Heading(0, "Virtualization");
        text.Field(1, "Hypervisor Type", ObjectHead.OrNone(virtualization.Text("hypervisorType")));
        text.Field(1, "CPU Extension", ObjectHead.OrNone(virtualization.Text("cpuExtension")));
        text.Field(1, "Hardware Virtualization", virtualization.Text("hardwareVirtualization") == "true" ? "True" : "False");
        text.OptionalField(1, "Message", virtualization.Text("message"));
    }
}
