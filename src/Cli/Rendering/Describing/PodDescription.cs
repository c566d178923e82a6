using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering.Describing;

internal static class PodDescription
{
    public static void Write(Description text, JsonNode pod, TimeProvider time)
    {
        ObjectHead.Names(text, pod);
        text.OptionalField(0, "Priority", pod.Text("spec", "priority"));
        text.Field(0, "Runtime Class Name", pod.Text("spec", "runtimeClassName") is { Length: > 0 } runtime ? runtime : "container");
        var (node, address) = (pod.Text("spec", "nodeName"), pod.Text("status", "hostIP"));
        text.Field(0, "Node", node.Length == 0 ? Description.None : address.Length == 0 ? node : $"{node}/{address}");
        text.OptionalField(0, "Start Time", ObjectHead.When(pod.Text("status", "startTime")));
        ObjectHead.Labels(text, pod);
        if (pod.Text("metadata", "deletionTimestamp").Length > 0) ObjectHead.Times(text, pod, time);
        else text.Field(0, "Status", pod.Text("status", "phase"));
        text.OptionalField(0, "Reason", pod.Text("status", "reason"));
        text.OptionalField(0, "Message", pod.Text("status", "message"));
        text.Field(0, "IP", pod.Text("status", "podIP"));
        text.Lines(0, "IPs", pod.Items("status", "podIPs").Select(ip => ip.Text("ip")));
        if (pod.Items("spec", "initContainers").Any()) Containers(text, "Init Containers", pod, "initContainers", "initContainerStatuses");
        Containers(text, "Containers", pod, "containers", "containerStatuses");
        ObjectHead.Conditions(text, pod);
        text.OptionalField(0, "QoS Class", pod.Text("status", "qosClass"));
        ObjectHead.Placement(text, pod);
    }

    private static void Containers(Description text, string heading, JsonNode pod, string list, string statuses)
    {
        text.Heading(0, heading);
        foreach (var container in pod.Items("spec", list))
        {
            var name = container.Text("name");
            Container(text, container, pod.Items("status", statuses).FirstOrDefault(status => status.Text("name") == name));
        }
    }

    private static void Container(Description text, JsonNode container, JsonNode? status)
    {
        text.Heading(1, container.Text("name"));
        text.Field(2, "Container ID", status.Text("containerID"));
        text.Field(2, "Image", container.Text("image"));
        text.Field(2, "Image ID", status.Text("imageID"));
        text.Field(2, "Ports", ObjectHead.OrNone(Ports(container, "containerPort")));
        text.Field(2, "Host Ports", ObjectHead.OrNone(Ports(container, "hostPort")));
        if (container.Items("command").Any()) text.Lines(2, "Command", container.Items("command").Select(word => word.Text()));
        if (container.Items("args").Any()) text.Lines(2, "Args", container.Items("args").Select(word => word.Text()));
        ObjectHead.State(text, 2, "State", status.At("state"));
        ObjectHead.State(text, 2, "Last State", status.At("lastState"));
        text.Field(2, "Ready", status.Text("ready") == "true" ? "True" : "False");
        text.Field(2, "Restart Count", status.Text("restartCount") is { Length: > 0 } restarts ? restarts : "0");
        if (container.At("resources", "limits") is { } limits) text.Map(2, "Limits", limits, ": ");
        if (container.At("resources", "requests") is { } requests) text.Map(2, "Requests", requests, ": ");
        text.Lines(2, "Environment", container.Items("env").Select(variable => $"{variable.Text("name")}: {variable.Text("value")}"));
    }

    private static string Ports(JsonNode container, string field) => string.Join(", ", container.Items("ports")
        .Where(port => port.Text(field).Length > 0)
        .Select(port => $"{port.Text(field)}/{(port.Text("protocol") is { Length: > 0 } protocol ? protocol : "TCP")}"));
}
