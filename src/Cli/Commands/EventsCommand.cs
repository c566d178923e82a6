using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class EventsCommand : OrcCommand
{
    private readonly Option<string?> _for = new("--for") { Description = "Only events about this object", HelpName = "TYPE/NAME" };
    private readonly Option<string[]> _types = new("--types")
    {
        Description = "Only events of these types: Normal, Warning",
        HelpName = "TYPES",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Go on with what happens from now on" };
    private readonly Option<bool> _allNamespaces = CommonOptions.AllNamespaces();
    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the table's head out" };

    public EventsCommand(string name, string summary) : base(name, summary)
    {
        Usage = "[--for TYPE/NAME] [options]";
        Examples = """
            # What happened in the namespace, oldest first
            orc events

            # Why does this pod not start? Watch it try
            orc events --for pod/web -w

            # All that went wrong anywhere
            orc events -A --types=Warning
            """;
        Option[] options = [_for, _types, _watch, _allNamespaces, _noHeaders];
        foreach (var option in options) Add(option);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var kinds = await invocation.KindsAsync();
        var events = kinds.Resolve("events");
        var wanted = Filter(invocation, kinds);
        var everywhere = invocation.Get(_allNamespaces);
        var reader = new ObjectReader(invocation, Form.Json) { Namespace = everywhere ? "" : invocation.Namespace };
        var list = (await reader.ReadAsync(new ResourceTarget(events, null)))!;
        var present = EventList.InOrder(list.Items.Select(item => JsonNode.Parse(item.Json.Span)!).Where(wanted)).ToList();
        var table = new TablePrinter(invocation.Out);
        var rows = present.Select(happened => Row(invocation, happened)).ToList();
        string[] header = [.. everywhere ? (string[])["NAMESPACE"] : [], "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
        if (!invocation.Get(_noHeaders) && (rows.Count > 0 || invocation.Get(_watch))) rows.Insert(0, header);
        table.Print(rows);
        await invocation.Out.FlushAsync(invocation.Cancellation);
        if (invocation.Get(_watch)) await WatchAsync(invocation, reader, list, wanted, table);
        else if (present.Count == 0)
            await invocation.Error.WriteLineAsync(everywhere ? "No events found." : $"No events found in {invocation.Namespace} namespace.");
        return ExitCodes.Success;
    }

    private async Task WatchAsync(Invocation invocation, ObjectReader reader, ObjectBatch present, Func<JsonNode, bool> wanted, TablePrinter table)
    {
        var request = new WatchRequest
        {
            Resource = present.Kind.Resource,
            Namespace = reader.Namespace,
            AllowBookmarks = true,
            Form = Form.Json,
        };
        await foreach (var change in invocation.Server.WatchAfterAsync(
            present.Listed, async () => (await reader.ReadAsync(new ResourceTarget(present.Kind, null)))?.Listed, request, invocation.Cancellation))
        {
            if (change.Type is not (WatchEvent.Types.Type.Added or WatchEvent.Types.Type.Modified)) continue;
            var happened = JsonNode.Parse(change.Object.Json.Span)!;
            if (!wanted(happened)) continue;
            table.Print([Row(invocation, happened)]);
            await invocation.Out.FlushAsync(invocation.Cancellation);
        }
    }

    private IReadOnlyList<string> Row(Invocation invocation, JsonNode happened)
    {
        var row = EventList.Row(happened, invocation.Environment.Time);
        return invocation.Get(_allNamespaces) ? [happened.Text("metadata", "namespace"), .. row] : row;
    }

    private Func<JsonNode, bool> Filter(Invocation invocation, KindIndex kinds)
    {
        var types = invocation.Get(_types)!.SelectMany(types => types.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (types.Find(type => type is not ("Normal" or "Warning")) is { } other)
            throw new CommandException($"valid --types are Normal or Warning, not \"{other}\"");
        if (invocation.Get(_for) is not { } about) return happened => types.Count == 0 || types.Contains(happened.Text("type"));
        var (type, name) = ResourceSelection.SplitWorkload(about);
        var kind = kinds.Resolve(type ?? throw new CommandException("--for must be in resource/name form"));
        return happened => (types.Count == 0 || types.Contains(happened.Text("type")))
            && happened.Text("involvedObject", "kind") == kind.Kind && happened.Text("involvedObject", "name") == name;
    }
}
