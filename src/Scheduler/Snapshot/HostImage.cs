namespace Orchestrator.Scheduler;

/// <summary>An image that a host has.</summary>
public readonly record struct HostImage(string Name, long SizeBytes)
{
    /// <summary>A reference without tag and digest means the tag <c>latest</c>.</summary>
    internal static string Normal(string reference)
    {
        var colon = reference.LastIndexOf(':');
        return reference.Contains('@') || colon > reference.LastIndexOf('/') ? reference : reference + ":latest";
    }
}
