using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

/// <summary>
/// <c>start</c>, <c>stop</c>, <c>pause</c>, <c>resume</c>, <c>restart</c> and <c>reset</c>: each writes what shall be into the machine's spec, and its
/// host makes it so.
/// </summary>
internal sealed class PowerCommand : OrcCommand
{
    private const string Halted = "Halted";
    private readonly Argument<string[]> _machines = new("machines") { HelpName = "VM…", Arity = ArgumentArity.OneOrMore };

    public PowerCommand(string name, string summary) : base(name, summary)
    {
        Usage = "VM…";
        Details = name switch
        {
            "start" => "The machine starts, and starts again whenever it ends (runStrategy: Always).",
            "stop" => "The guest is asked to shut down, and ended after its grace period. Its disks stay.",
            "pause" => "Its CPUs stand still until \"orc resume\"; it keeps its memory.",
            "restart" => "The guest is asked to shut down, ended after its grace period, and started again.",
            "reset" => "The guest isn't asked: as if its power were cut and came back.",
            _ => "",
        };
        Examples = $"""
            # One machine
            orc {name} db
            """;
        Add(_machines);
        Completes = PositionalCompletion.NamesOf("virtualmachines");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var kind = (await invocation.KindsAsync()).Resolve("virtualmachines");
        foreach (var argument in invocation.Get(_machines)!)
        {
            var name = await WorkloadArgument.NameAsync(invocation, argument, "virtualmachines", $"only virtual machines can be told to {Name}");
            try
            {
                var spec = JsonNode.Parse((await invocation.Server.GetAsync(kind, invocation.Namespace, name, Form.Json, invocation.Cancellation)).Json.Span)?["spec"];
                var change = Change(kind, name, spec!);
                if (change is not null) await PatchAsync(invocation, kind, name, change);
                await invocation.Out.WriteLineAsync($"{kind.Display()}/{name} {(change is null ? "already " : "")}{Done}");
            }
            catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
            {
                invocation.Report(exception);
            }
        }
        return invocation.ExitCode;
    }

    private string Done => Name switch
    {
        "stop" => "stopped",
        "pause" => "paused",
        "resume" => "resumed",
        "reset" => "reset",
        _ => $"{Name}ed",
    };

    /// <summary>What is written into the spec; null if it says so already.</summary>
    private JsonObject? Change(KindInfo kind, string name, JsonNode spec)
    {
        var isHalted = spec.Text("runStrategy") == Halted;
        var isPaused = spec.Text("paused") == "true";
        if (isHalted && Name is not ("start" or "stop"))
            throw new CommandException($"{kind.Display()}/{name} is stopped: start it with \"orc start {name}\"");
        return Name switch
        {
            "start" => isHalted ? new JsonObject { ["runStrategy"] = "Always", ["paused"] = null } : null,
            "stop" => isHalted ? null : new JsonObject { ["runStrategy"] = Halted, ["paused"] = null },
            "pause" => isPaused ? null : new JsonObject { ["paused"] = true },
            "resume" => isPaused ? new JsonObject { ["paused"] = null } : null,
            _ => new JsonObject
            {
                ["paused"] = null,
                ["powerCycle"] = new JsonObject { ["id"] = RequestId.New(), ["type"] = Name == "reset" ? "Reset" : "Restart" },
            },
        };
    }

    private static Task<Api.V1.Object> PatchAsync(Invocation invocation, KindInfo kind, string name, JsonObject spec)
    {
        var request = new PatchRequest
        {
            Resource = kind.Resource,
            Namespace = invocation.Namespace,
            Name = name,
            Type = PatchRequest.Types.PatchType.Merge,
            Form = Form.Table,
            RequestId = RequestId.New(),
            Patch = ByteString.CopyFromUtf8(new JsonObject { ["spec"] = spec }.ToJsonString()),
        };
        return invocation.Server.CallAsync(o => invocation.Server.Objects.PatchAsync(request, o), invocation.Cancellation);
    }
}
