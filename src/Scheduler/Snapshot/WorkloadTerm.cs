namespace Orchestrator.Scheduler;

/// <summary>
/// Other workloads, and the label of hosts whose equal values make one place: "in the same zone as the databases". They are in one of
/// <paramref name="Namespaces"/> or in a namespace that <paramref name="NamespaceSelection"/> selects.
/// </summary>
public sealed record WorkloadTerm(string TopologyKey, Selection? Selection, ValueList<string> Namespaces, Selection? NamespaceSelection = null)
{
    public bool Matches(WorkloadTraits workload, NamespaceLabels namespaces) =>
        Selection is not null && Selection.Selects(workload.Labels) && Covers(workload.Namespace, namespaces);

    public override string ToString() => $"{Selection?.ToString() ?? "nothing"} per {TopologyKey}";

    private bool Covers(string name, NamespaceLabels namespaces)
    {
        foreach (var one in Namespaces)
            if (one == name) return true;
        return NamespaceSelection is not null && NamespaceSelection.Selects(namespaces.Of(name));
    }
}

/// <summary>A term that is only preferred: the more, the better; below zero, the fewer.</summary>
public sealed record WeightedTerm(int Weight, WorkloadTerm Term);
