using System.CommandLine;
using Google.Protobuf;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class PlanCommand : OrcCommand
{
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the table's head out" };

    public PlanCommand(string name, string summary) : base(name, summary)
    {
        Usage = "-f PATH… [options]";
        Details = "All files are planned as one batch on the cluster as it is: checked and completed as if they were applied, with the pods\n"
            + "of Deployments, ReplicaSets, StatefulSets and Jobs, and then forgotten. What fits nowhere says why, and what would make\n"
            + "it fit on the hosts that lack least. Ends with 1 if something fits nowhere.";
        Examples = """
            # Is there room for all of it?
            orc plan -f deploy/ -R
            """;
        Option[] options = [_files, _recursive, _noHeaders];
        foreach (var option in options) Add(option);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var manifests = await ManifestFiles.ReadAsync(
            invocation.Get(_files)!, invocation.Get(_recursive), invocation.Environment.Input, invocation.Cancellation);
        var request = new PlanRequest { DefaultNamespace = invocation.Namespace };
        request.Manifests.Add(manifests.Select(manifest => new Manifest { Text = UnsafeByteOperations.UnsafeWrap(manifest.Text), Source = manifest.Source }));
        var plan = await invocation.Server.CallAsync(o => invocation.Server.Workloads.PlanAsync(request, o), invocation.Cancellation);
        PlanText.Write(invocation.Out, plan, !invocation.Get(_noHeaders));
        return plan.Workloads.Any(one => one.Outcome == PlannedWorkload.Types.Outcome.Unplaced) ? ExitCodes.Failure : ExitCodes.Success;
    }
}
