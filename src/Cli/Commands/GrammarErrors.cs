using System.CommandLine;
using System.CommandLine.Parsing;

namespace Orchestrator.Cli.Commands;

/// <summary>What is wrong with a command line before anything runs.</summary>
internal static class GrammarErrors
{
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var unknown = UnknownFlags(parsed).ToList();
        return unknown.Count > 0 ? unknown : parsed.Errors.Select(error => error.Message).ToList();
    }

    /// <summary>With the nearest names, as kubectl suggests them.</summary>
    public static string UnknownCommand(string word, Command parent)
    {
        if (word.StartsWith('-')) return UnknownFlag(word);
        var message = $"unknown command \"{word}\" for \"{Rendering.HelpText.PathOf(parent)}\"";
        var near = parent.Subcommands.Select(command => command.Name)
            .Where(name => Distance(name, word) <= 2 || name.StartsWith(word, StringComparison.Ordinal)).ToList();
        return near.Count == 0 ? message : $"{message}\n\nDid you mean this?\n\t{string.Join("\n\t", near)}\n";
    }

    /// <summary>Words before <c>--</c> that look like options are unknown options, not names.</summary>
    private static IEnumerable<string> UnknownFlags(ParseResult parsed)
    {
        var tokens = parsed.Tokens;
        var literal = new HashSet<Token>(ReferenceEqualityComparer.Instance);
        for (var i = tokens.Count - 1; i >= 0 && tokens.Any(token => token.Type == TokenType.DoubleDash); i--)
        {
            if (tokens[i].Type == TokenType.DoubleDash) break;
            literal.Add(tokens[i]);
        }
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Where(token => token.Value.Length > 1 && token.Value[0] == '-' && !literal.Contains(token))
            .Select(token => UnknownFlag(token.Value));
    }

    private static string UnknownFlag(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) ? $"unknown flag: {word.Split('=')[0]}" : $"unknown shorthand flag: '{word[1]}' in {word}";

    /// <summary>Levenshtein's.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
