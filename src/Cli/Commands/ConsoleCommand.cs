using System.CommandLine;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Commands;

internal sealed class ConsoleCommand : OrcCommand
{
    private readonly Argument<string> _machine = new("machine") { HelpName = "VM | TYPE/NAME" };
    private readonly Option<bool> _follow = CommonOptions.On("--follow", "Stay connected (default true)");
    private readonly Option<bool> _noFollow = new("--no-follow") { Description = "Print what the console has shown so far, and end" };
    private readonly Option<long?> _scrollback = new("--scrollback")
    {
        Description = "Begin with at most this many bytes of what it has shown; default: all that is kept",
        HelpName = "BYTES",
    };

    public ConsoleCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(VM | TYPE/NAME) [options]";
        Details = "At a terminal every key goes to the machine; Ctrl-] leaves. Otherwise standard input is typed into the console,\n"
            + "and its output is followed until the machine ends or orc is interrupted.";
        Examples = """
            # Log in
            orc console db

            # What it printed while booting
            orc console db --no-follow

            # Type a line, and watch for ten seconds
            echo 'uname -a' | timeout 10 orc console db --scrollback=0
            """;
        Add(_machine);
        Option[] options = [_follow, _noFollow, _scrollback];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.NamesOf("virtualmachines");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var machine = await WorkloadArgument.NameAsync(
            invocation, invocation.Get(_machine)!, "virtualmachines", "only virtual machines have a console; see orc logs and orc exec");
        var start = new ConsoleStart
        {
            Namespace = invocation.Namespace,
            VirtualMachine = machine,
            Follow = invocation.Get(_follow) && !invocation.Get(_noFollow),
        };
        if (invocation.Get(_scrollback) is { } bytes)
        {
            if (bytes < 0) throw new CommandException("--scrollback must not be negative");
            start.ScrollbackBytes = bytes;
        }
        await new ConsoleSession(invocation).RunAsync(start, interactive: true);
        return ExitCodes.Success;
    }
}
