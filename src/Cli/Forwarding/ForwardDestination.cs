using System.Text.Json.Nodes;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Forwarding;

/// <summary>The pod or machine whose ports are forwarded to, and what its ports are called.</summary>
/// <param name="Start">The beginning of each connection, but for its port.</param>
/// <param name="Watch">Tells what becomes of it.</param>
/// <param name="PortOf">From a port's number or name to its number there.</param>
internal sealed record ForwardDestination(ForwardStart Start, WatchRequest Watch, string Uid, Func<string, int> PortOf)
{
    public string Display => Start.WorkloadCase == ForwardStart.WorkloadOneofCase.Pod ? $"pod {Start.Pod}" : $"virtual machine {Start.VirtualMachine}";

    /// <summary>
    /// A pod or a machine itself; of anything else that selects pods one of those, as kubectl takes it.
    /// </summary>
    /// <exception cref="CommandException">It is nothing that ports are forwarded to.</exception>
    public static async Task<ForwardDestination> FindAsync(Invocation invocation, string argument, TimeSpan patience)
    {
        var (type, name) = ResourceSelection.SplitWorkload(argument);
        var kinds = await invocation.KindsAsync();
        var (kind, pods) = (kinds.Resolve(type ?? "pods"), kinds.Resolve("pods"));
        var one = await invocation.Server.GetAsync(kind, invocation.Namespace, name, Form.Json, invocation.Cancellation);
        var json = JsonNode.Parse(one.Json.Span);
        var watch = new WatchRequest { Resource = kind.Resource, Namespace = invocation.Namespace, Name = name, Form = Form.Json };
        if (kind.Resource.Resource == "virtualmachines")
            return new ForwardDestination(new ForwardStart { Namespace = invocation.Namespace, VirtualMachine = name }, watch, one.Uid, OfMachine);
        var meant = $"{kind.Singular}/{name}";
        if (kind != pods)
        {
            var selector = PodSelector.Of(json);
            if (selector.Length == 0) throw new CommandException($"{meant} selects no pods, so there is none to forward to");
            watch = new WatchRequest { Resource = pods.Resource, Namespace = invocation.Namespace, LabelSelector = selector, Form = Form.Json };
        }

        var pod = await RunningPod.AwaitAsync(invocation, watch, meant, patience);
        (watch.Name, watch.LabelSelector) = (pod.Text("metadata", "name"), "");
        return new ForwardDestination(
            new ForwardStart { Namespace = invocation.Namespace, Pod = watch.Name }, watch, pod.Text("metadata", "uid"),
            kind.Resource is { Group: "", Resource: "services" } ? port => RemotePorts.OfService(json, pod, port) : port => RemotePorts.OfPod(pod, port));
    }

    private static int OfMachine(string port) => PortMapping.Number(port) ?? throw new CommandException($"\"{port}\": the ports of a machine have no names, only numbers");
}
