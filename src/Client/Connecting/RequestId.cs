namespace Orchestrator.Client;

/// <summary>Marks one write, so that repeating it gives the first answer again.</summary>
public static class RequestId
{
    /// <summary>One for each write, not for each attempt.</summary>
    public static string New() => Guid.NewGuid().ToString("N");
}
