namespace Orchestrator.Cli.Arguments;

internal enum DryRunStrategy { None, Client, Server }

/// <summary>The values of <c>--dry-run</c>.</summary>
internal static class DryRun
{
    /// <exception cref="CommandException">Another word.</exception>
    public static DryRunStrategy Parse(string? text) => text switch
    {
        "none" => DryRunStrategy.None,
        "server" => DryRunStrategy.Server,
        "client" => DryRunStrategy.Client,
        _ => throw new CommandException($"Invalid dry-run value ({text}). Must be \"none\", \"server\", or \"client\"."),
    };

    /// <summary>For commands that only the server can check.</summary>
    public static bool Server(string? text) => Parse(text) switch
    {
        DryRunStrategy.None => false,
        DryRunStrategy.Server => true,
        _ => throw new CommandException("only the server knows what is valid: use --dry-run=server"),
    };
}
