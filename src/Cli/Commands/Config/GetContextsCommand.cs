using System.CommandLine;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands.Config;

internal sealed class GetContextsCommand : OrcCommand
{
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Output format: name", HelpName = "FORMAT" };
    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the table's head out" };

    public GetContextsCommand() : base("get-contexts", "Show all contexts")
    {
        Examples = "orc config get-contexts";
        Add(_output);
        Add(_noHeaders);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var config = ConfigFile.Locate(invocation.Environment.Variable).Read();
        if (invocation.Get(_output) is { Length: > 0 } output)
        {
            if (output != "name") throw new CommandException($"output must be one of '' or 'name': {output}");
            foreach (var context in config.Contexts) await invocation.Out.WriteLineAsync(context.Name);
            return ExitCodes.Success;
        }
        var rows = config.Contexts.Select(context => (IReadOnlyList<string>)
            [context.Name == config.CurrentContext ? "*" : "", context.Name, context.Server, context.Namespace]).ToList();
        if (!invocation.Get(_noHeaders)) rows.Insert(0, ["CURRENT", "NAME", "SERVER", "NAMESPACE"]);
        new TablePrinter(invocation.Out).Print(rows);
        return ExitCodes.Success;
    }
}
