namespace Orchestrator.Client;

/// <summary>What an informer calls, one at a time and in the order of the changes; the cache already shows the change.</summary>
public sealed record InformerHandlers<T> where T : class
{
    /// <summary>An object is there, now or since before.</summary>
    public Func<T, Task>? Added { get; init; }

    /// <summary>An object before and after a change.</summary>
    public Func<T, T, Task>? Modified { get; init; }

    /// <summary>An object is gone; its last state.</summary>
    public Func<T, Task>? Deleted { get; init; }
}
