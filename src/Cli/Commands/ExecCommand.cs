using System.CommandLine;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Commands;

internal sealed class ExecCommand : OrcCommand
{
    private readonly Argument<string> _pod = new("pod") { HelpName = "POD | TYPE/NAME" };
    private readonly Argument<string[]> _command = new("command") { HelpName = "COMMAND", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _container = CommonOptions.Container();
    private readonly Option<bool> _stdin = new("--stdin", "-i") { Description = "Pass standard input to the command" };
    private readonly Option<bool> _tty = new("--tty", "-t") { Description = "Give the command a terminal" };

    public ExecCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(POD | TYPE/NAME) [-c CONTAINER] [options] -- COMMAND [ARG…]";
        Details = "The exit code is that of the command.";
        Examples = """
            # Run a command in the pod's only container
            orc exec web -- date

            # A shell in one of its containers
            orc exec -it web -c proxy -- sh

            # Pipe something in
            tar c . | orc exec -i web -- tar x -C /srv
            """;
        Add(_pod);
        Add(_command);
        Option[] options = [_container, _stdin, _tty];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.NamesOf("pods");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var command = invocation.Get(_command)!;
        if (!invocation.HasDoubleDash && command.Length > 0)
            throw new CommandException("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
        if (command.Length == 0) throw new CommandException("you must specify at least one command for the container");
        var pod = await WorkloadArgument.NameAsync(
            invocation, invocation.Get(_pod)!, "pods", "commands run in pods only; a machine has a console: orc console NAME");
        var start = new ExecStart
        {
            Namespace = invocation.Namespace,
            Pod = pod,
            Container = invocation.Get(_container) ?? "",
            Command = { command },
            Stdin = invocation.Get(_stdin),
            Tty = invocation.Get(_tty),
        };
        await ContainerSession.CheckTerminalAsync(invocation, start);
        var exitCode = await new ContainerSession(invocation).ExecAsync(start);
        if (exitCode != 0) await invocation.Error.WriteLineAsync($"command terminated with exit code {exitCode}");
        return exitCode;
    }
}
