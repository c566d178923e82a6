namespace Orchestrator.Cli;

/// <summary>kubectl's exit codes; <c>exec</c> passes on the remote command's own.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    /// <summary>As a shell reports a program ended by SIGINT.</summary>
    public const int Interrupted = 130;
}
