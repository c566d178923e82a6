using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands;

/// <summary><c>cordon</c> and <c>uncordon</c>.</summary>
internal sealed class CordonCommand : OrcCommand
{
    private readonly bool _unschedulable;
    private readonly Argument<string[]> _nodes = new("nodes") { HelpName = "NODE…", Arity = ArgumentArity.OneOrMore };

    public CordonCommand(string name, string summary, bool unschedulable) : base(name, summary)
    {
        _unschedulable = unschedulable;
        Usage = "NODE…";
        Details = unschedulable
            ? "What runs on the host goes on; nothing new is placed there until \"orc uncordon\"."
            : "";
        Examples = $"""
            # One host
            orc {name} host-1
            """;
        Add(_nodes);
        Completes = PositionalCompletion.NamesOf("nodes");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var kind = (await invocation.KindsAsync()).Resolve("nodes");
        var verb = _unschedulable ? "cordoned" : "uncordoned";
        foreach (var argument in invocation.Get(_nodes)!)
        {
            var name = ResourceSelection.SplitWorkload(argument).Name;
            try
            {
                var node = await invocation.Server.GetAsync(kind, "", name, Form.Json, invocation.Cancellation);
                var already = (JsonNode.Parse(node.Json.Span)?["spec"]?["unschedulable"]?.GetValue<bool>() ?? false) == _unschedulable;
                if (!already) await PatchAsync(invocation, kind, name);
                await invocation.Out.WriteLineAsync($"{kind.Display()}/{name} {(already ? "already " : "")}{verb}");
            }
            catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
            {
                invocation.Report(exception);
            }
        }
        return invocation.ExitCode;
    }

    private Task<Api.V1.Object> PatchAsync(Invocation invocation, KindInfo kind, string name)
    {
        var request = new PatchRequest
        {
            Resource = kind.Resource,
            Name = name,
            Type = PatchRequest.Types.PatchType.Merge,
            Form = Form.Table,
            RequestId = RequestId.New(),
            Patch = ByteString.CopyFromUtf8(_unschedulable ? "{\"spec\":{\"unschedulable\":true}}" : "{\"spec\":{\"unschedulable\":null}}"),
        };
        return invocation.Server.CallAsync(o => invocation.Server.Objects.PatchAsync(request, o), invocation.Cancellation);
    }
}
