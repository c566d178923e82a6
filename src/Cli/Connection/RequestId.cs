namespace Orchestrator.Cli.Connection;

/// <summary>Marks one write, so that repeating it gives the first answer again.</summary>
internal static class RequestId
{
    public static string New() => Guid.NewGuid().ToString("N");
}
