using System.CommandLine;

namespace Orchestrator.Cli.Commands;

/// <summary>A command of orc: its place in the grammar, its help, and what it does.</summary>
internal abstract class OrcCommand(string name, string summary) : Command(name, summary)
{
    /// <summary>What the help says beneath the summary.</summary>
    public string Details { get; protected init; } = "";

    /// <summary>Lines of comment and command, without indentation.</summary>
    public string Examples { get; protected init; } = "";

    /// <summary>What follows the command's name in its usage line.</summary>
    public string Usage { get; protected init; } = "";

    /// <summary>Null: nothing that the server knows.</summary>
    public PositionalCompletion? Completes { get; protected init; }

    /// <returns>The exit code. Errors are thrown, or reported by <see cref="Invocation.Report"/>.</returns>
    public abstract Task<int> RunAsync(Invocation invocation);
}
