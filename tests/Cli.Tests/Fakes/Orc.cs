using System.Text;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Tests.Fakes;

/// <summary>What one run of orc said and returned.</summary>
internal sealed record Outcome(int ExitCode, string Out, string Error);

/// <summary>Runs orc in this process against a fake server, with its own environment.</summary>
internal sealed class Orc(string server)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public Dictionary<string, string> Variables { get; } = new() { ["ORC_SERVER"] = server, ["ORC_CONFIG"] = "/nonexistent/config.yaml" };
    public string Input { get; set; } = "";
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Splits at blanks; words with blanks go through <see cref="RunAsync(string[])"/>.</summary>
    public Task<Outcome> RunAsync(string line) => RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public Task<Outcome> RunAsync(params string[] words) => RunAsync(words, CancellationToken.None);

    public Task<Outcome> RunAsync(string[] words, CancellationToken interrupt) => RunAsync(words, new ObservedStream(), interrupt);

    public async Task<Outcome> RunAsync(string[] words, ObservedStream output, CancellationToken interrupt)
    {
        using var error = new ObservedStream();
        using var environment = new CommandEnvironment(new MemoryStream(Encoding.UTF8.GetBytes(Input)), output, error)
        {
            Time = Time,
            Random = new Random(7),
            Variable = Variables.GetValueOrDefault,
        };
        var exitCode = await CommandLine.RunAsync(words, environment, interrupt).WaitAsync(Limit, TestContext.Current.CancellationToken);
        return new Outcome(exitCode, output.Text, error.Text);
    }
}
