namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>
/// What our table holds beside its frame (<see cref="ServiceFrame"/>): chains by their names, elements by their map and key, and the sets in which
/// endpoints remember their clients.
/// </summary>
internal sealed class RuleSet
{
    /// <summary>The rules of each chain, a line each.</summary>
    public Dictionary<string, string> Chains { get; } = new(StringComparer.Ordinal);

    /// <summary>The verdict of each element; empty for those of a set.</summary>
    public Dictionary<(string Map, string Key), string> Elements { get; } = [];

    /// <summary>For how many seconds each remembers; its name says so too, so that one with another time is another one.</summary>
    public Dictionary<string, int> Memories { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes over what another one holds. Of two that want the same element the first has it.</summary>
    public void Add(RuleSet other)
    {
        foreach (var (name, rules) in other.Chains) Chains[name] = rules;
        foreach (var (key, verdict) in other.Elements) Elements.TryAdd(key, verdict);
        foreach (var (name, seconds) in other.Memories) Memories[name] = seconds;
    }
}
