using System.Text.Json.Nodes;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Forwarding;

/// <summary>From what a user calls a port to its number in the workload: names of a pod's containers, ports of a service.</summary>
internal static class RemotePorts
{
    /// <param name="pod">The pod that answers.</param>
    /// <param name="port">A number, or the name of a port of its containers.</param>
    /// <exception cref="CommandException">It has no such port.</exception>
    public static int OfPod(JsonNode? pod, string port)
    {
        if (PortMapping.Number(port) is { } number) return number;
        var named = pod.Items("spec", "containers").SelectMany(container => container.Items("ports")).FirstOrDefault(one => one.Text("name") == port)
            ?? throw new CommandException($"pod {pod.Text("metadata", "name")} has no port named {port}");
        RefuseOtherThanTcp(named, port);
        return PortMapping.Number(named.Text("containerPort")) ?? 0;
    }

    /// <param name="service">Whose port it is: by its number there, or its name.</param>
    /// <param name="pod">The pod that answers for the service.</param>
    /// <param name="port">A number or a name.</param>
    /// <exception cref="CommandException">It has no such port.</exception>
    public static int OfService(JsonNode? service, JsonNode? pod, string port)
    {
        var number = PortMapping.Number(port);
        var found = service.Items("spec", "ports").FirstOrDefault(one => number is null ? one.Text("name") == port : one.Text("port") == port);
        // Who asks for a headless service asks its pods, at their own ports.
        if (found is null && number is { } own && service.Text("spec", "clusterIP") == "None") return own;
        if (found is null) throw new CommandException($"service {service.Text("metadata", "name")} has no port {port}");
        RefuseOtherThanTcp(found, port);
        var target = found.Text("targetPort");
        return OfPod(pod, target.Length > 0 && target != "0" ? target : found.Text("port"));
    }

    private static void RefuseOtherThanTcp(JsonNode found, string port)
    {
        if (found.Text("protocol") is not ("" or "TCP") and var protocol) throw new CommandException($"port {port} speaks {protocol}; only TCP is forwarded");
    }
}
