using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class CreateCommand : OrcCommand
{
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<string> _dryRun = CommonOptions.DryRun();
    private readonly Option<string?> _output = CommonOptions.Output(WriteOutput.Forms);

    public CreateCommand(string name, string summary) : base(name, summary)
    {
        Usage = "-f PATH… [options]";
        Details = "An object that exists already is an error; \"orc apply\" changes it instead.";
        Examples = """
            # The objects of a file
            orc create -f web.yaml

            # Several of a kind, named by the server (metadata.generateName)
            orc create -f job.yaml -o name
            """;
        Option[] options = [_files, _recursive, _dryRun, _output];
        foreach (var option in options) Add(option);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var output = WriteOutput.For(invocation, invocation.Get(_output), DryRun.Server(invocation.Get(_dryRun)));
        var manifests = await ManifestFiles.ReadAsync(
            invocation.Get(_files)!, invocation.Get(_recursive), invocation.Environment.Input, invocation.Cancellation);
        var documents = manifests.SelectMany(ManifestDocuments.Split).ToList();
        if (documents.Count == 0) throw new CommandException("no objects passed to create");
        foreach (var document in documents)
        {
            try
            {
                var request = new CreateRequest
                {
                    Manifest = new Manifest { Text = UnsafeByteOperations.UnsafeWrap(document.Text), Source = document.Source },
                    DefaultNamespace = invocation.Namespace,
                    DryRun = output.DryRun,
                    RequestId = RequestId.New(),
                    Form = output.Form,
                };
                var created = await invocation.Server.CallAsync(
                    o => invocation.Server.Objects.CreateAsync(request, o), invocation.Cancellation);
                await output.TellAsync(created, "created");
            }
            catch (RpcException exception) when (!ClusterErrors.IsUnreachable(exception) && !invocation.Cancellation.IsCancellationRequested)
            {
                invocation.Report(exception);
            }
        }
        await output.FinishAsync();
        return invocation.ExitCode;
    }
}
