namespace Orchestrator.Cli.Commands;

/// <summary>What the shell offers for a command's words: types and their names, or names of one type.</summary>
internal sealed record PositionalCompletion(string? Type)
{
    public static readonly PositionalCompletion Resources = new((string?)null);

    public static PositionalCompletion NamesOf(string type) => new(type);
}
