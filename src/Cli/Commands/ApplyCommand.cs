using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class ApplyCommand : OrcCommand
{
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<string> _dryRun = CommonOptions.DryRun();
    private readonly Option<string?> _output = CommonOptions.Output(WriteOutput.Forms);
    private readonly Option<bool> _force = new("--force-conflicts") { Description = "Take over fields that somebody else has set to something else" };

    public ApplyCommand(string name, string summary) : base(name, summary)
    {
        Usage = "-f PATH… [options]";
        Details = "Each file is checked as a whole: if any of its documents has an error, all errors are shown with their lines,\n"
            + "and nothing of that file is stored. What a file no longer says goes; what others have set stays, and if the file says\n"
            + "it differently, that is a conflict.";
        Examples = """
            # What a file says; all files of a folder; a folder with its folders
            orc apply -f web.yaml
            orc apply -f examples/
            orc apply -R -f deploy/

            # What another program prints
            cat web.yaml | orc apply -f -

            # Check it against the server and store nothing
            orc apply -f web.yaml --dry-run=server
            """;
        Option[] options = [_files, _recursive, _dryRun, _output, _force];
        foreach (var option in options) Add(option);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var output = WriteOutput.For(invocation, invocation.Get(_output), DryRun.Server(invocation.Get(_dryRun)));
        var manifests = await ManifestFiles.ReadAsync(
            invocation.Get(_files)!, invocation.Get(_recursive), invocation.Environment.Input, invocation.Cancellation);
        var objects = 0;
        foreach (var manifest in manifests)
        {
            try
            {
                objects += await ApplyAsync(invocation, manifest, output);
            }
            catch (RpcException exception) when (!ClusterErrors.IsUnreachable(exception) && !invocation.Cancellation.IsCancellationRequested)
            {
                invocation.Report(exception);
                objects++;
            }
        }
        await output.FinishAsync();
        return objects > 0 ? invocation.ExitCode : throw new CommandException("no objects passed to apply");
    }

    private async Task<int> ApplyAsync(Invocation invocation, ManifestText manifest, WriteOutput output)
    {
        var request = new ApplyRequest
        {
            Manifest = new Manifest { Text = UnsafeByteOperations.UnsafeWrap(manifest.Text), Source = manifest.Source },
            DefaultNamespace = invocation.Namespace,
            DryRun = output.DryRun,
            RequestId = RequestId.New(),
            Form = output.Form,
            Force = invocation.Get(_force),
        };
        var response = await invocation.Server.CallAsync(o => invocation.Server.Objects.ApplyAsync(request, o), invocation.Cancellation);
        foreach (var applied in response.Applied) await output.TellAsync(applied.Object, Verb(applied.Outcome));
        return response.Applied.Count;
    }

    private static string Verb(Applied.Types.Outcome outcome) => outcome switch
    {
        Applied.Types.Outcome.Created => "created",
        Applied.Types.Outcome.Configured => "configured",
        _ => "unchanged",
    };
}
