using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering.Describing;

internal static class MachineDescription
{
    public static void Write(Description text, JsonNode machine, TimeProvider time)
    {
        ObjectHead.Names(text, machine);
        text.OptionalField(0, "Priority", machine.Text("spec", "priority"));
        text.Field(0, "Runtime Class Name", machine.Text("spec", "runtimeClassName"));
        var (node, address) = (machine.Text("spec", "nodeName"), machine.Text("status", "hostIP"));
        text.Field(0, "Node", node.Length == 0 ? Description.None : address.Length == 0 ? node : $"{node}/{address}");
        text.OptionalField(0, "Start Time", ObjectHead.When(machine.Text("status", "startTime")));
        ObjectHead.Labels(text, machine);
        if (machine.Text("metadata", "deletionTimestamp").Length > 0) ObjectHead.Times(text, machine, time);
        else text.Field(0, "Status", machine.Text("status", "phase"));
        text.OptionalField(0, "Reason", machine.Text("status", "reason"));
        text.OptionalField(0, "Message", machine.Text("status", "message"));
        text.Field(0, "Run Strategy", machine.Text("spec", "runStrategy"));
        text.Field(0, "Restart Count", machine.Text("status", "restartCount") is { Length: > 0 } restarts ? restarts : "0");
        Shape(text, machine);
        text.Lines(0, "Snapshots", machine.Items("status", "snapshots").Select(one => $"{one.Text("name")}, {ObjectHead.When(one.Text("creationTime"))}"));
        if (machine.At("status", "lastTermination") is { } last)
            ObjectHead.State(text, 0, "Last Run", new JsonObject { ["terminated"] = last.DeepClone() });
        text.Lines(0, "Interfaces", machine.Items("status", "interfaces").Select(card => $"{card.Text("name")}: {Addresses(card)} ({card.Text("mac")})"));
        if (machine.At("status", "domain") is { } domain) Domain(text, domain);
        ObjectHead.Conditions(text, machine);
        ObjectHead.Placement(text, machine);
    }

    private static void Shape(Description text, JsonNode machine)
    {
        text.Heading(0, "Machine");
        text.OptionalField(1, "Image", machine.Text("spec", "image"));
        text.OptionalField(1, "Machine Image", machine.Text("spec", "machineImageName"));
        text.OptionalField(1, "Image ID", machine.Text("status", "imageID"));
        text.OptionalField(1, "Machine Type", machine.Text("spec", "machineTypeName"));
        text.OptionalField(1, "CPUs", Size(machine, "cpus"));
        text.OptionalField(1, "Memory", Size(machine, "memory"));
        text.OptionalField(1, "Root Disk", machine.Text("spec", "rootDisk", "size"));
        text.Lines(1, "Disks", machine.Items("spec", "disks").Select(Disk));
        text.OptionalField(1, "Hostname", machine.Text("spec", "hostname"));
        if (machine.Items("spec", "command").Any()) text.Lines(1, "Command", machine.Items("spec", "command").Select(word => word.Text()));
        if (machine.Items("spec", "args").Any()) text.Lines(1, "Args", machine.Items("spec", "args").Select(word => word.Text()));
        text.Lines(1, "Environment", machine.Items("spec", "env").Select(variable => $"{variable.Text("name")}: {variable.Text("value")}"));
    }

    /// <summary>A machine that names a type has the size that its host started it with.</summary>
    private static string Size(JsonNode machine, string field) =>
        machine.Text("spec", field) is { Length: > 0 } own ? own : machine.Text("status", "domain", field);

    private static string Addresses(JsonNode card) => string.Join(", ", card.Items("ipAddresses").Select(address => address.Text())) is { Length: > 0 } all ? all : "no address of ours";

    private static string Disk(JsonNode disk)
    {
        IEnumerable<string> facts = [disk.Text("size"), disk.Text("image") is { Length: > 0 } image ? $"of {image}" : "", disk.Text("readOnly") == "true" ? "read only" : ""];
        return $"{disk.Text("name")}: {string.Join(", ", facts.Where(fact => fact.Length > 0))}";
    }

    /// <summary>The domain as its host sees it: each virtual CPU is one of the host's threads.</summary>
    private static void Domain(Description text, JsonNode domain)
    {
        text.Heading(0, "Domain");
        text.Field(1, "ID", domain.Text("id"));
        text.Field(1, "Engine", domain.Text("engine"));
        text.OptionalField(1, "Process", domain.Text("processId"));
        text.OptionalField(1, "User", domain.Text("userId"));
        text.OptionalField(1, "Cgroup", domain.Text("cgroup"));
        text.Field(1, "vCPU Threads", ObjectHead.OrNone(domain.Joined("vcpuThreadIds")));
    }
}
