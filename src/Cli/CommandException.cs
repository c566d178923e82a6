namespace Orchestrator.Cli;

/// <summary>What the user asked for can't be done; the message is for them and is printed after <c>error: </c>.</summary>
internal sealed class CommandException : Exception
{
    public CommandException(string message) : base(message) { }

    public CommandException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Printed before the error, as it is.</summary>
    public string Preamble { get; init; } = "";
}
