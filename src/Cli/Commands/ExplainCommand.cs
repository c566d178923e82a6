using System.CommandLine;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class ExplainCommand : OrcCommand
{
    private readonly Argument<string[]> _resources = CommonOptions.Resources("TYPE/NAME | TYPE NAME");
    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the tables' heads out" };

    public ExplainCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(TYPE/NAME | TYPE NAME)";
        Details = "For a workload that is placed: the hosts' scores. For one that fits nowhere: how many hosts each rule removed,\n"
            + "and the hosts that nearly fit, with all that they lack.\n\n"
            + "(kubectl's explain documents fields; this one explains placement.)";
        Examples = """
            # Why is it there, or nowhere?
            orc explain pod/web
            orc explain vm/db
            """;
        Add(_resources);
        Add(_noHeaders);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var selection = await TargetArguments.ReadAsync(invocation, invocation.Get(_resources)!, [], recursive: false);
        var first = true;
        foreach (var target in selection.Targets)
        {
            if (target.Name is null) throw new CommandException("a name is needed: orc explain TYPE/NAME");
            var request = new ExplainRequest
            {
                Resource = target.Kind.Resource,
                Namespace = target.Kind.Namespaced ? invocation.Namespace : "",
                Name = target.Name,
            };
            var explanation = await invocation.Server.CallAsync(
                o => invocation.Server.Workloads.ExplainAsync(request, o), invocation.Cancellation);
            if (!first) await invocation.Out.WriteLineAsync();
            first = false;
            ExplanationText.Write(invocation.Out, $"{target.Kind.Singular}/{target.Name}", explanation, !invocation.Get(_noHeaders));
        }
        return ExitCodes.Success;
    }
}
