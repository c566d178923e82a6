using System.CommandLine;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands.Config;

internal sealed class DeleteContextCommand : OrcCommand
{
    private readonly Argument<string> _name = new("name") { HelpName = "NAME" };

    public DeleteContextCommand() : base("delete-context", "Remove a context")
    {
        Usage = "NAME";
        Examples = "orc config delete-context lab";
        Add(_name);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var file = ConfigFile.Locate(invocation.Environment.Variable);
        var config = file.Read();
        var name = invocation.Get(_name)!;
        if (config.Find(name) is not { } gone) throw new CommandException($"cannot delete context {name}, not in {file.Path}");
        file.Write(config with
        {
            Contexts = [.. config.Contexts.Where(context => context != gone)],
            CurrentContext = config.CurrentContext == name ? "" : config.CurrentContext,
        });
        await invocation.Out.WriteLineAsync($"deleted context {name} from {file.Path}");
        return ExitCodes.Success;
    }
}
