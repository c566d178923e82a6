using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands.Config;

internal sealed class ConfigViewCommand : OrcCommand
{
    public ConfigViewCommand() : base("view", "Show the configuration file")
    {
        Examples = "orc config view";
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        await invocation.Out.WriteAsync(ConfigFile.ToYaml(ConfigFile.Locate(invocation.Environment.Variable).Read()));
        return ExitCodes.Success;
    }
}
