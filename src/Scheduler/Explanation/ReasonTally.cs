using System.Runtime.InteropServices;
using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler;

/// <summary>Counts the hosts that one rule removed by their reasons, and keeps the nearest host of each reason.</summary>
internal sealed class ReasonTally(FeasibilityRule rule)
{
    private const int MaximumReasons = 16;

    private readonly Dictionary<long, (int Hosts, long Nearness, HostBlock Block, int Slot)> _reasons = [];

    private int _hosts;

    /// <summary>What may change the rule's verdict, if it removed a host.</summary>
    public ClusterEvents HelpedBy => _hosts == 0 ? ClusterEvents.None : rule.HelpedBy;

    public void Add(HostBlock block, int slot, List<Reason> reasons)
    {
        _hosts++;
        foreach (var reason in CollectionsMarshal.AsSpan(reasons))
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_reasons, reason.Id, out var exists);
            if (!exists || Nearer(reason.Nearness, block, slot, known)) known = (known.Hosts + 1, reason.Nearness, block, slot);
            else known.Hosts++;
        }
    }

    /// <summary>The reasons in words, those that concern most hosts first; null if the rule removed none.</summary>
    public RuleRemoval? Result(CompiledWorkload workload)
    {
        if (_hosts == 0) return null;
        var reasons = _reasons
            .Select(reason => Told(workload, reason.Key, reason.Value))
            .OrderByDescending(reason => reason.Hosts).ThenBy(reason => reason.Reason, StringComparer.Ordinal)
            .Take(MaximumReasons);
        return new RuleRemoval(rule.Name, _hosts, _reasons.Count, reasons.ToValueList());
    }

    private static bool Nearer(long nearness, HostBlock block, int slot, (int Hosts, long Nearness, HostBlock Block, int Slot) known) =>
        nearness != known.Nearness
            ? nearness > known.Nearness
            : string.CompareOrdinal(block.Name(slot), known.Block.Name(known.Slot)) < 0;

    private RemovalReason Told(CompiledWorkload workload, long reason, (int Hosts, long Nearness, HostBlock Block, int Slot) known)
    {
        var host = known.Block.Host(known.Slot).Name;
        var lack = rule.Describe(known.Block, known.Slot, workload, reason);
        return new RemovalReason(lack.Reason, known.Hosts, host, Detail(host.Value, lack));
    }

    private static string Detail(string host, Lack lack)
    {
        if (lack.Shortage is null) return lack.Detail.Length == 0 ? "" : $"{host}: {lack.Detail}";
        var (needs, has) = AmountText.Apart(lack.Shortage.Resource, lack.Shortage.Requested, lack.Shortage.Free);
        return $"needs {needs}, nearest {host} has {has} free";
    }
}
