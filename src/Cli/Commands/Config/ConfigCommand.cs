using System.CommandLine;

namespace Orchestrator.Cli.Commands.Config;

/// <summary><c>config</c> with its subcommands; none of them talks to a server.</summary>
internal sealed class ConfigCommand : Command
{
    public ConfigCommand(string name, string summary) : base(name, summary)
    {
        Add(new ConfigViewCommand());
        Add(new GetContextsCommand());
        Add(new CurrentContextCommand());
        Add(new UseContextCommand());
        Add(new SetContextCommand());
        Add(new DeleteContextCommand());
    }
}
