using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class CommandLineTests : ServerTest
{
    [Fact]
    public async Task Every_command_teaches_itself()
    {
        foreach (var entry in CommandTable.Entries)
        {
            var outcome = await Orc.RunAsync($"{entry.Name} --help");
            Assert.Equal(0, outcome.ExitCode);
            Assert.StartsWith($"{entry.Summary}.\n", outcome.Out, StringComparison.Ordinal);
            Assert.Contains($"\nUsage:\n  orc {entry.Name} ", outcome.Out, StringComparison.Ordinal);
            // What has subcommands shows them instead.
            if (entry.Name is not ("config" or "admin")) Assert.Contains($"\nExamples:\n", outcome.Out, StringComparison.Ordinal);
            Assert.Equal(outcome.Out, (await Orc.RunAsync($"help {entry.Name}")).Out);
        }
        Assert.Empty(Server.Objects.Requests);
    }

    [Theory]
    [InlineData("gett", "error: unknown command \"gett\" for \"orc\"\n\nDid you mean this?\n\tget\n")]
    [InlineData("config us", "error: unknown command \"us\" for \"orc config\"\n\nDid you mean this?\n\tuse-context\n")]
    [InlineData("get --foo=1 pods", "error: unknown flag: --foo\n")]
    [InlineData("get pods -x", "error: unknown shorthand flag: 'x' in -x\n")]
    [InlineData("--nope", "error: unknown flag: --nope\n")]
    public async Task What_is_no_grammar_is_refused_with_a_hint(string line, string error)
    {
        var outcome = await Orc.RunAsync(line);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(error, outcome.Error, StringComparison.Ordinal);
        Assert.Contains("--help' for usage.\n", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:///nonexistent/api.sock")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://[::1]:1")]
    [InlineData("http://localhost:1")]
    public async Task An_absent_server_is_told_at_once_with_what_to_do(string address)
    {
        Orc.Variables["ORC_SERVER"] = address;
        Assert.Equal(new Outcome(1, "", $"orc: no server at {address}; start one with ./dev up or set --server\n"), await Orc.RunAsync("get pods"));
        Assert.Equal(new Outcome(1, "", $"orc: no server at {address}; start one with ./dev up or set --server\n"), await Orc.RunAsync("run busybox"));
        Assert.Equal(1, (await Orc.RunAsync("version")).ExitCode);
        Assert.StartsWith("Client Version: v", (await Orc.RunAsync("version --client")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_flag_goes_before_the_variable_and_the_variable_before_the_file()
    {
        PutPod("web");
        Orc.Variables["ORC_SERVER"] = "unix:///nonexistent/api.sock";
        Assert.Equal("pod/web\n", (await Orc.RunAsync($"get pods -o name --server {Server.Address}")).Out);
        var config = Path.GetTempFileName();
        try
        {
            Orc.Variables["ORC_CONFIG"] = config;
            await Orc.RunAsync($"config set-context here --server {Server.Address} -n elsewhere");
            Assert.Equal(1, (await Orc.RunAsync("get pods")).ExitCode);
            Orc.Variables.Remove("ORC_SERVER");
            Assert.Equal("No resources found in elsewhere namespace.\n", (await Orc.RunAsync("get pods")).Error);
            Assert.Equal("pod/web\n", (await Orc.RunAsync("get pods -n default -o name")).Out);
            Orc.Variables["ORC_SERVER"] = "unix:///nonexistent/api.sock";
            Assert.Equal(0, (await Orc.RunAsync("get pods --context here")).ExitCode);
            Assert.Equal($"error: context \"nope\" does not exist in {config}\n", (await Orc.RunAsync("get pods --context nope")).Error);
        }
        finally
        {
            File.Delete(config);
        }
    }

    [Fact]
    public async Task Kinds_and_versions_are_shown()
    {
        Assert.Contains("virtualmachines   vm,vms       virt.orchestrator.dev/v1   true         VirtualMachine\n", (await Orc.RunAsync("api-resources")).Out, StringComparison.Ordinal);
        Assert.Equal("nodes\n", (await Orc.RunAsync("api-resources --namespaced=false -o name")).Out);
        Assert.EndsWith("Server Version: v9.9.9\n", (await Orc.RunAsync("version")).Out, StringComparison.Ordinal);
        Assert.Contains("\"gitVersion\": \"v9.9.9\"", (await Orc.RunAsync("version -o json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbosity_tells_the_calls()
    {
        var outcome = await Orc.RunAsync("get pods -v=6");
        Assert.Matches("/orchestrator.api.v1.Objects/List OK in [0-9.]+ ms\n", outcome.Error);
    }

    [Theory]
    [InlineData("__complete -- ge", "get\n")]
    [InlineData("__complete -- get vir", "virtualmachines\n")]
    [InlineData("__complete -- get pod w", "web\n")]
    [InlineData("__complete -- get pod/w", "pod/web\n")]
    [InlineData("__complete -- logs w", "web\n")]
    [InlineData("__complete -- get --show-l", "--show-labels\n")]
    [InlineData("__complete -- config use", "use-context\n")]
    [InlineData("__complete -- completion z", "zsh\n")]
    public async Task A_shell_is_offered_what_fits(string line, string expected)
    {
        PutPod("web");
        Assert.Equal(expected, (await Orc.RunAsync(line)).Out);
    }

    [Fact]
    public async Task A_deadline_bounds_a_call()
    {
        Assert.Equal(1, (await Orc.RunAsync("get pods --request-timeout=soon")).ExitCode);
        Assert.Equal(0, (await Orc.RunAsync("get pods --request-timeout=20s")).ExitCode);
    }
}
