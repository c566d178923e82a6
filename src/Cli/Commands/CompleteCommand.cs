using System.CommandLine;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc __complete -- WORD…</c>: what the last word may become, one candidate a line. For completion scripts.</summary>
internal sealed class CompleteCommand : OrcCommand
{
    public const string CommandName = "__complete";
    private readonly Argument<string[]> _words = new("words") { DefaultValueFactory = _ => [] };
    private readonly Command _root;
    private readonly GlobalOptions _globals;

    public CompleteCommand(Command root, GlobalOptions globals) : base(CommandName, "Candidates for a shell")
    {
        (_root, _globals) = (root, globals);
        Hidden = true;
        Add(_words);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var words = invocation.Get(_words)!;
        var last = words.Length == 0 ? "" : words[^1];
        var parsed = _root.Parse(last.Length == 0 ? [.. words.SkipLast(1)] : words);
        using var partial = new Invocation(parsed, _globals, invocation.Environment, invocation.Cancellation);
        var candidates = await ServerCompletions.OfAsync(partial, words) ?? GrammarCandidates(parsed, last);
        foreach (var candidate in candidates.Where(candidate => candidate.StartsWith(last, StringComparison.Ordinal)).Distinct())
            await invocation.Out.WriteLineAsync(candidate);
        return ExitCodes.Success;
    }

    /// <summary>Commands and fixed values; options only for a word that begins as one.</summary>
    private static IEnumerable<string> GrammarCandidates(ParseResult parsed, string last) => parsed.GetCompletions()
        .Select(candidate => candidate.InsertText ?? candidate.Label)
        .Where(candidate => candidate != CommandName && candidate.StartsWith('-') == last.StartsWith('-'));
}
