using System.CommandLine;

namespace Orchestrator.Cli.Commands.Admin;

/// <summary><c>admin</c> with its subcommands.</summary>
internal sealed class AdminCommand : Command
{
    public AdminCommand(string name, string summary) : base(name, summary)
    {
        Add(new BackupCommand());
        Add(new RestoreCommand());
    }
}
