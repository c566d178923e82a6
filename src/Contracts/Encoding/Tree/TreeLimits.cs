namespace Orchestrator.Contracts.Encoding.Tree;

/// <summary>What an input may be at most, so that a hostile one costs no more than an honest one.</summary>
internal static class TreeLimits
{
    public const int InputBytes = 3 * 1024 * 1024;
    public const int Depth = 64;

    /// <summary>The values that the aliases of one YAML document may repeat together.</summary>
    public const int AliasedValues = 10_000;

    public const string TooDeep = "nested deeper than 64 levels";
}

/// <summary>The text is not well-formed; reading it ends here. Never leaves the readers of this folder.</summary>
internal sealed class MalformedTextException : Exception
{
    // Both parsers quote the text that they failed on, however long it is.
    public MalformedTextException(string message, TextPosition position) : base(Quoted.Message(message)) => Position = position;

    public TextPosition Position { get; }

    public static MalformedTextException HalfSurrogate(TextPosition position) =>
        new("the string holds an incomplete \\u escape (half a surrogate pair)", position);
}
