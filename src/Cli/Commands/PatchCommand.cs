using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class PatchCommand : OrcCommand
{
    private readonly Argument<string[]> _resources = CommonOptions.Resources("TYPE NAME… | TYPE/NAME…");
    private readonly Option<string?> _patch = new("--patch", "-p") { Description = "The patch, as JSON", HelpName = "JSON" };
    private readonly Option<string> _type = new("--type")
    {
        Description = "merge (RFC 7386), the only one there is",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "merge",
    };

    private readonly Option<string> _dryRun = CommonOptions.DryRun();
    private readonly Option<string?> _output = CommonOptions.Output(WriteOutput.Forms);

    public PatchCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(TYPE NAME… | TYPE/NAME…) -p PATCH [options]";
        Details = "Fields of the patch replace those of the object; null removes one; lists are replaced whole.";
        Examples = """
            # A machine gets more time to shut down
            orc patch vm db -p '{"spec":{"terminationGracePeriodSeconds":120}}'
            """;
        Add(_resources);
        Option[] options = [_patch, _type, _dryRun, _output];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        if (invocation.Get(_patch) is not { Length: > 0 } patch) throw new CommandException("must specify --patch or -p");
        if (invocation.Get(_type) != "merge") throw new CommandException("--type must be merge");
        var output = WriteOutput.For(invocation, invocation.Get(_output), DryRun.Server(invocation.Get(_dryRun)));
        var selection = await TargetArguments.ReadAsync(invocation, invocation.Get(_resources)!, [], recursive: false);
        if (selection.Targets.Any(target => target.Name is null)) throw new CommandException("a name is needed");
        foreach (var target in selection.Targets)
        {
            var request = new PatchRequest
            {
                Resource = target.Kind.Resource,
                Namespace = target.Kind.Namespaced ? invocation.Namespace : "",
                Name = target.Name,
                Patch = ByteString.CopyFromUtf8(patch),
                DryRun = output.DryRun,
                RequestId = RequestId.New(),
                Form = output.Form,
            };
            try
            {
                var patched = await invocation.Server.CallAsync(
                    o => invocation.Server.Objects.PatchAsync(request, o), invocation.Cancellation);
                await output.TellAsync(patched, "patched");
            }
            catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
            {
                invocation.Report(exception);
            }
        }
        await output.FinishAsync();
        return invocation.ExitCode;
    }
}
