using System.Text.RegularExpressions;

namespace Orchestrator.Architecture;

/// <summary>C# as text, enough for rules about names: no compiler is needed and no built assembly.</summary>
internal static partial class CSharpText
{
    /// <summary>The source with comments blanked; line numbers and literals stay.</summary>
    public static string WithoutComments(string source) => TokenPattern().Replace(source, token =>
        token.Value.StartsWith("//", StringComparison.Ordinal) || token.Value.StartsWith("/*", StringComparison.Ordinal)
            ? " " + Lines(token)
            : token.Value);

    /// <summary>The source with comments and the content of literals blanked; line numbers stay.</summary>
    public static string WithoutCommentsAndLiterals(string source) => TokenPattern().Replace(source, token =>
        (token.Value[0] == '/' ? " " : "\"\"") + Lines(token));

    public static int LineOf(string source, int index) => source.AsSpan(0, index).Count('\n') + 1;

    private static string Lines(Match token) => new('\n', token.ValueSpan.Count('\n'));

    // Raw strings, verbatim strings, strings, characters and both kinds of comment, whichever begins first.
    [GeneratedRegex("""
        \"{3,}.*?\"{3,} | @\"(?:[^\"]|\"\")*\" | \"(?:\\.|[^\"\\\n])*\" | '(?:\\.[^']*|[^'\\\n])' | //[^\n]* | /\*.*?\*/
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex TokenPattern();
}
