using System.CommandLine;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands.Config;

internal sealed class SetContextCommand : OrcCommand
{
    private readonly Argument<string?> _name = new("name") { HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _current = new("--current") { Description = "Change the current context" };

    public SetContextCommand() : base("set-context", "Add a context, or change one")
    {
        Usage = "(NAME | --current) [--server=ADDRESS] [--namespace=NAMESPACE]";
        Details = "The first context also becomes the current one.";
        Examples = """
            # A server by a name
            orc config set-context lab --server=http://10.0.0.5:7650 --namespace=team

            # Another namespace from now on
            orc config set-context --current --namespace=test
            """;
        Add(_name);
        Add(_current);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var file = ConfigFile.Locate(invocation.Environment.Variable);
        var config = file.Read();
        var current = invocation.Get(_current);
        if (current && config.CurrentContext.Length == 0) throw new CommandException("no current context is set");
        if (current == (invocation.Get(_name) is not null)) throw new CommandException("give either a name or --current");
        var name = current ? config.CurrentContext : invocation.Get(_name)!;
        var before = config.Find(name);
        var server = invocation.ServerOption is { } given ? ClusterAddress.Parse(given).ToString() : before?.Server ?? ClusterAddress.Default;
        var ns = invocation.NamespaceGiven ? invocation.Namespace : before?.Namespace ?? "";
        var changed = config.With(new ConfigContext(name, server, ns));
        if (config.Contexts.Count == 0) changed = changed with { CurrentContext = name };
        file.Write(changed);
        await invocation.Out.WriteLineAsync($"Context \"{name}\" {(before is null ? "created" : "modified")}.");
        return ExitCodes.Success;
    }
}
