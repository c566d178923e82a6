using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Cli.Tests.Commands;

namespace Orchestrator.Cli.Tests.Terminal;

/// <summary>orc as a process on a real terminal: what reaches the other side, and that the terminal is as it was afterwards.</summary>
public sealed partial class TerminalTests : ServerTest
{
    [Fact]
    public async Task Every_key_reaches_the_machine_and_the_escape_leaves()
    {
        await using var run = TerminalRun.OnTerminal(Server, "echo before=$(stty -g); orc console db; echo rc=$?; echo after=$(stty -g)");
        await run.UntilAsync("login: ");
        // Ctrl-C and Ctrl-Z are the machine's; what follows the escape isn't sent.
        await run.TypeAsync("\u0003\u001aabc");
        await run.UntilAsync("\u0003\u001aabc");
        await run.TypeAsync("xyz\u001dlost");
        AssertRestored(await run.EndAsync(), exitCode: 0);
        // Nothing but what the machine prints reaches the terminal: no mode is switched behind the user's back.
        Assert.DoesNotContain("\u001b", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_console_that_ends_by_itself_gives_the_terminal_back()
    {
        await using var run = TerminalRun.OnTerminal(Server, "echo before=$(stty -g); orc console db; echo rc=$?; echo after=$(stty -g)");
        await run.UntilAsync("login: ");
        await run.TypeAsync("poweroff\n");
        AssertRestored(await run.EndAsync(), exitCode: 0);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task A_signal_gives_the_terminal_back(string signal)
    {
        await using var run = TerminalRun.OnTerminal(
            Server, "trap : INT; echo before=$(stty -g); (echo pid=$BASHPID.; trap - INT; exec orc console db); echo rc=$?; echo after=$(stty -g)");
        await run.UntilAsync("login: ");
        await using var kill = TerminalRun.OnPipes(Server, $"kill -{signal} {Pid().Match(run.Output).Groups[1].Value}");
        await kill.EndAsync();
        AssertRestored(await run.EndAsync(), exitCode: 130);
    }

    [Fact]
    public async Task Exec_with_a_terminal_tells_its_size_and_returns_the_exit_code()
    {
        Server.Workloads.ExitCode = 7;
        await using var run = TerminalRun.OnTerminal(
            Server, "stty rows 33 cols 99; echo before=$(stty -g); orc exec -it web -- sh; echo rc=$?; echo after=$(stty -g)");
        await run.UntilAsync("$ sh");
        await run.TypeAsync("\u0004ls\r");
        await run.UntilAsync("\u0004ls\r");
        Assert.Equal((true, 99, 33), (Server.Workloads.ExecAsked!.Tty, Server.Workloads.ExecAsked.Size.Columns, Server.Workloads.ExecAsked.Size.Rows));
        Server.Workloads.EndExec.SetResult();
        AssertRestored(await run.EndAsync(), exitCode: 7);
    }

    [Fact]
    public async Task Attach_with_a_terminal_is_the_containers()
    {
        Server.Objects.Put("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a","stdin":true,"tty":true}]}}""");
        Server.Workloads.EndAttach = "\u0004";
        await using var run = TerminalRun.OnTerminal(Server, "stty rows 33 cols 99; echo before=$(stty -g); orc attach -it web; echo rc=$?; echo after=$(stty -g)");
        await run.UntilAsync("try pressing enter");
        await run.TypeAsync("ls\u0003\r");
        await run.UntilAsync("ls\u0003\r");
        Assert.Equal((true, 99), (Server.Workloads.AttachAsked!.Tty, Server.Workloads.AttachAsked.Size.Columns));
        await run.TypeAsync("\u0004");
        AssertRestored(await run.EndAsync(), exitCode: 0);
    }

    [Fact]
    public async Task A_reader_that_has_enough_ends_a_stream_quietly()
    {
        for (var i = 0; i < 20_000; i++) Server.Workloads.LogLines.Add($"line {i.ToString(CultureInfo.InvariantCulture)}\n");
        await using var run = TerminalRun.OnPipes(Server, "(orc logs web -f 2>&1; echo rc=$? >&2) 2>/tmp/orc-test-$$ | head -n 1; cat /tmp/orc-test-$$; rm /tmp/orc-test-$$");
        Assert.Equal("line 0\nrc=0\n", await run.EndAsync());
    }

    [Fact]
    public async Task Output_to_a_shared_file_is_appended()
    {
        PutPod("web");
        await using var run = TerminalRun.OnPipes(Server, "f=$(mktemp); (echo first; orc get pods -o name; echo last) > $f; cat $f; rm $f");
        Assert.Equal("first\npod/web\nlast\n", await run.EndAsync());
    }

    private static void AssertRestored(string output, int exitCode)
    {
        Assert.Contains($"rc={exitCode}", output, StringComparison.Ordinal);
        Assert.Equal(Before().Match(output).Groups[1].Value, After().Match(output).Groups[1].Value);
        Assert.NotEqual("", Before().Match(output).Groups[1].Value);
    }

    [GeneratedRegex(@"before=([0-9a-f:]+)")]
    private static partial Regex Before();

    [GeneratedRegex(@"after=([0-9a-f:]+)")]
    private static partial Regex After();

    [GeneratedRegex(@"pid=(\d+)\.")]
    private static partial Regex Pid();
}
