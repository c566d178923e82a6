using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

/// <summary><c>snapshot</c>: names a snapshot in the machine's spec, or takes its name out; the machine's host takes or removes it.</summary>
internal sealed class SnapshotCommand : OrcCommand
{
    private readonly Argument<string> _machine = new("machine") { HelpName = "VM" };
    private readonly Argument<string> _snapshot = new("snapshot") { HelpName = "SNAPSHOT" };
    private readonly Option<bool> _delete = new("--delete") { Description = "Remove it; clones of it stay" };

    public SnapshotCommand(string name, string summary) : base(name, summary)
    {
        Usage = "VM SNAPSHOT [options]";
        Details = "All disks of the machine at one moment, whether it runs or not. It takes no room until something changes,\n"
            + "and goes with the machine. A machine with \"cloneOf: {virtualMachine, snapshot}\" begins with these disks.";
        Examples = """
            # Before an upgrade
            orc snapshot db before-upgrade

            # What there is
            orc get vm db -o jsonpath={.status.snapshots}

            # It went well
            orc snapshot db before-upgrade --delete
            """;
        Add(_machine);
        Add(_snapshot);
        Add(_delete);
        Completes = PositionalCompletion.NamesOf("virtualmachines");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var (snapshot, delete) = (invocation.Get(_snapshot)!, invocation.Get(_delete));
        var kind = (await invocation.KindsAsync()).Resolve("virtualmachines");
        var name = await WorkloadArgument.NameAsync(invocation, invocation.Get(_machine)!, "virtualmachines", "only virtual machines have snapshots");
        var machine = JsonNode.Parse((await invocation.Server.GetAsync(kind, invocation.Namespace, name, Form.Json, invocation.Cancellation)).Json.Span)!;
        var names = machine.Items("spec", "snapshots").Select(one => one.Text("name")).ToList();
        if (names.Contains(snapshot) != delete)
            throw new CommandException($"{kind.Display()}/{name} {(delete ? "has no" : "has a")} snapshot {snapshot}{(delete ? "" : " already")}");
        if (delete) names.Remove(snapshot);
        else names.Add(snapshot);
        var request = new PatchRequest
        {
            Resource = kind.Resource,
            Namespace = invocation.Namespace,
            Name = name,
            Type = PatchRequest.Types.PatchType.Merge,
            Form = Form.Table,
            RequestId = RequestId.New(),
            Patch = ByteString.CopyFromUtf8(Patch(machine, names).ToJsonString()),
        };
        await invocation.Server.CallAsync(o => invocation.Server.Objects.PatchAsync(request, o), invocation.Cancellation);
        await invocation.Out.WriteLineAsync($"{kind.Display()}/{name} snapshot {snapshot} {(delete ? "removed" : "named")}");
        return invocation.ExitCode;
    }

    /// <summary>A merge patch replaces the whole list, so it is one for the version that was read.</summary>
    private static JsonObject Patch(JsonNode machine, List<string> names) => new()
    {
        ["metadata"] = new JsonObject { ["resourceVersion"] = machine.Text("metadata", "resourceVersion") },
        ["spec"] = new JsonObject { ["snapshots"] = new JsonArray([.. names.Select(name => new JsonObject { ["name"] = name })]) },
    };
}
