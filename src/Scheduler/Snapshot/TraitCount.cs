namespace Orchestrator.Scheduler.Snapshot;

/// <summary>How many workloads with the same traits are on one host.</summary>
internal readonly record struct TraitCount(int Traits, int Count)
{
    /// <summary>The counts of a host on which one workload more, or less, has these traits.</summary>
    public static TraitCount[] Changed(TraitCount[] counts, int traits, int by)
    {
        for (var at = 0; at < counts.Length; at++)
        {
            if (counts[at].Traits != traits) continue;
            var copy = (TraitCount[])counts.Clone();
            copy[at] = new TraitCount(traits, copy[at].Count + by);
            return copy;
        }

        return [.. counts, new TraitCount(traits, by)];
    }
}
