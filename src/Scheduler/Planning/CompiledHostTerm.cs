using System.Numerics;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Planning;

/// <summary>A term about hosts in the numbers of one snapshot.</summary>
internal sealed class CompiledHostTerm
{
    private readonly HostTerm _term;
    private readonly CompiledRequirement[] _labels;

    public CompiledHostTerm(HostTerm term, SymbolTable<Label> labels)
    {
        _term = term;
        _labels = term.Labels.Select(requirement => new CompiledRequirement(requirement, labels)).ToArray();
    }

    /// <summary>Of these hosts, those that the term means.</summary>
    public ulong Matching(HostBlock block, ulong among)
    {
        if (_labels.Length == 0 && _term.Names.Count == 0) return 0;
        var matching = among;
        foreach (var requirement in _labels)
        {
            if (matching == 0) return 0;
            matching &= requirement.Holds(block);
        }

        return _term.Names.Count == 0 ? matching : Named(block, matching);
    }

    private ulong Named(HostBlock block, ulong among)
    {
        var named = among;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            foreach (var requirement in _term.Names)
                if (!requirement.Holds(block.Name(slot))) named &= ~(1UL << slot);
        }

        return named;
    }
}
