using System.Numerics;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>The places (domains) that one label of the hosts makes: all hosts with one value are one place.</summary>
internal sealed class HostTopology
{
    public const string HostNameKey = "kubernetes.io/hostname";

    /// <summary>What <see cref="DomainOf"/> says of a host without the label.</summary>
    public const int None = -1;

    private HostTopology(string key, int[] domainOf, List<string> values)
    {
        Key = key;
        DomainOf = domainOf;
        Values = values;
    }

    public string Key { get; }

    /// <summary>By slot, the number of the host's place.</summary>
    public int[] DomainOf { get; }

    /// <summary>By number, the value that makes the place.</summary>
    public IReadOnlyList<string> Values { get; }

    public static HostTopology Of(string key, HostBlock[] blocks, Label[] labels)
    {
        var domainOf = new int[blocks.Length * HostBlock.Size];
        Array.Fill(domainOf, None);
        var values = new List<string>();
        var domains = new Dictionary<int, int>();
        foreach (var block in blocks)
        {
            var ids = block.Labels.Ids;
            for (var at = 0; at < ids.Length; at++)
            {
                if (labels[ids[at]].Key != key) continue;
                if (!domains.TryGetValue(ids[at], out var domain))
                {
                    domains.Add(ids[at], domain = values.Count);
                    values.Add(labels[ids[at]].Value);
                }

                for (var rest = block.Labels.Hosts[at]; rest != 0; rest &= rest - 1) domainOf[block.First + BitOperations.TrailingZeroCount(rest)] = domain;
            }
        }

        return new HostTopology(key, domainOf, values);
    }
}
