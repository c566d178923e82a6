using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Planning;

/// <summary>A requirement on the labels of hosts, in the numbers of one snapshot.</summary>
internal sealed class CompiledRequirement
{
    private readonly int[] _labels;
    private readonly bool _negated;

    public CompiledRequirement(LabelRequirement requirement, SymbolTable<Label> labels)
    {
        _negated = requirement.Negated;
        _labels = requirement.Operator is LabelOperator.In or LabelOperator.NotIn ? Listed(requirement, labels) : Searched(requirement, labels);
    }

    /// <summary>The hosts of the block for which it holds.</summary>
    public ulong Holds(HostBlock block)
    {
        var labelled = 0UL;
        var ids = block.Labels.Ids;
        if (_labels.Length <= ids.Length)
        {
            foreach (var id in _labels) labelled |= block.Labels[id];
        }
        else
        {
            for (var at = 0; at < ids.Length; at++)
                if (Array.BinarySearch(_labels, ids[at]) >= 0) labelled |= block.Labels.Hosts[at];
        }

        return _negated ? ~labelled : labelled;
    }

    /// <summary>The labels that one of the values makes, present or denied.</summary>
    private static int[] Listed(LabelRequirement requirement, SymbolTable<Label> labels)
    {
        var ids = new List<int>(requirement.Values.Count);
        foreach (var value in requirement.Values)
            if (labels.Find(new Label(requirement.Key, value)) is >= 0 and var id) ids.Add(id);
        ids.Sort();
        return [.. ids];
    }

    private static int[] Searched(LabelRequirement requirement, SymbolTable<Label> labels)
    {
        var ids = new List<int>();
        for (var id = 0; id < labels.Symbols.Length; id++)
        {
            var label = labels.Symbols[id];
            if (label.Key == requirement.Key && (requirement.Negated || requirement.Holds(label.Value))) ids.Add(id);
        }

        return [.. ids];
    }
}
