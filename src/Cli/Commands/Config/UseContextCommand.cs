using System.CommandLine;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands.Config;

internal sealed class UseContextCommand : OrcCommand
{
    private readonly Argument<string> _name = new("name") { HelpName = "NAME" };

    public UseContextCommand() : base("use-context", "Make a context the current one")
    {
        Usage = "NAME";
        Examples = "orc config use-context lab";
        Add(_name);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var file = ConfigFile.Locate(invocation.Environment.Variable);
        var config = file.Read();
        var name = invocation.Get(_name)!;
        if (config.Find(name) is null) throw new CommandException($"no context exists with the name: \"{name}\"");
        file.Write(config with { CurrentContext = name });
        await invocation.Out.WriteLineAsync($"Switched to context \"{name}\".");
        return ExitCodes.Success;
    }
}
