using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands.Config;

internal sealed class CurrentContextCommand : OrcCommand
{
    public CurrentContextCommand() : base("current-context", "Show the current context")
    {
        Examples = "orc config current-context";
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var current = ConfigFile.Locate(invocation.Environment.Variable).Read().CurrentContext;
        if (current.Length == 0) throw new CommandException("current-context is not set");
        await invocation.Out.WriteLineAsync(current);
        return ExitCodes.Success;
    }
}
