using System.CommandLine;
using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;
using Orchestrator.Cli.Rendering.Describing;

namespace Orchestrator.Cli.Commands;

internal sealed class DescribeCommand : OrcCommand
{
    private readonly Argument<string[]> _resources = CommonOptions.Resources("TYPE [NAME…] | TYPE/NAME…");
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<string> _selector = CommonOptions.Selector();
    private readonly Option<bool> _allNamespaces = CommonOptions.AllNamespaces();
    private readonly Option<bool> _showEvents = CommonOptions.On("--show-events", "End with the object's events (default true)");

    public DescribeCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(TYPE [NAME…] | TYPE/NAME… | -f PATH) [options]";
        Examples = """
            # A pod: its containers, their states, and what happened to it
            orc describe pod web

            # A machine: its domain, and the host threads that are its CPUs
            orc describe vm db

            # A host: what it is, which runtime classes work there and why others don't
            orc describe node host-1
            """;
        Add(_resources);
        Option[] options = [_files, _recursive, _selector, _allNamespaces, _showEvents];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var selection = await TargetArguments.ReadAsync(
            invocation, invocation.Get(_resources)!, invocation.Get(_files)!, invocation.Get(_recursive));
        if (selection.Named && invocation.Get(_allNamespaces))
            throw new CommandException("a resource cannot be retrieved by name across all namespaces");
        var reader = new ObjectReader(invocation, Form.Json)
        {
            Namespace = invocation.Get(_allNamespaces) ? "" : invocation.Namespace,
            LabelSelector = invocation.Get(_selector)!,
        };
        var first = true;
        foreach (var target in selection.Targets)
        {
            try
            {
                var found = await reader.ReadAsync(target);
                foreach (var item in found?.Items ?? [])
                {
                    if (!first) await invocation.Out.WriteAsync("\n\n");
                    first = false;
                    await invocation.Out.WriteAsync(await DescribeAsync(invocation, target.Kind, JsonNode.Parse(item.Json.Span)!));
                }
            }
            catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
            {
                invocation.Report(exception);
            }
        }
        if (first && !selection.Named) await invocation.Error.WriteLineAsync($"No resources found in {invocation.Namespace} namespace.");
        return invocation.ExitCode;
    }

    private async Task<string> DescribeAsync(Invocation invocation, KindInfo kind, JsonNode one)
    {
        var text = new Description();
        var time = invocation.Environment.Time;
        switch (kind)
        {
            case { Resource.Group: "", Kind: "Pod" }:
                PodDescription.Write(text, one, time);
                break;
            case { Resource.Group: "virt.orchestrator.dev", Kind: "VirtualMachine" }:
                MachineDescription.Write(text, one, time);
                await FiguresAsync(invocation, one, text);
                break;
            case { Resource.Group: "", Kind: "Node" }:
                NodeDescription.Write(text, one, time);
                NodeDescription.Workloads(text, await WorkloadsOnAsync(invocation, one.Text("metadata", "name")), time);
                break;
            default:
                GenericDescription.Write(text, one);
                break;
        }
        if (invocation.Get(_showEvents))
            EventList.Write(text, await invocation.Server.EventsOfAsync(kind, one, invocation.Cancellation), time);
        return text.ToString();
    }

    /// <summary>Of a machine that runs. The rest of the description stands whether its host answers or not.</summary>
    private static async Task FiguresAsync(Invocation invocation, JsonNode machine, Description text)
    {
        if (machine.At("status", "domain") is null || machine.Text("status", "phase") is not ("Running" or "Paused" or "Stopping")) return;
        try
        {
            var (ns, name) = (machine.Text("metadata", "namespace"), machine.Text("metadata", "name"));
            FiguresDescription.Write(text, await invocation.Server.MeasureAsync(ns, name, invocation.Environment.Time, invocation.Cancellation));
        }
        catch (RpcException away) when (!invocation.Cancellation.IsCancellationRequested)
        {
            text.Field(0, "Figures", $"<none: {away.Status.Detail}>");
        }
    }

    private static async Task<List<JsonNode>> WorkloadsOnAsync(Invocation invocation, string node)
    {
        var kinds = await invocation.KindsAsync();
        var workloads = new List<JsonNode>();
        foreach (var kind in kinds.All.Where(kind => kind.Kind is "Pod" or "VirtualMachine"))
        {
            var list = await invocation.Server.ListAsync(new ListQuery(kind, "") { FieldSelector = $"spec.nodeName={node}" }, Form.Json, invocation.Cancellation);
            workloads.AddRange(list.Items.Select(item => JsonNode.Parse(item.Json.Span)!));
        }
        return workloads;
    }
}
