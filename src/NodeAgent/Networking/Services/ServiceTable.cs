using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;

namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>
/// Our nftables table: one transaction for each round in which something changes, so a packet meets the old rules or the new ones.
/// <code>
///   unknown ──the whole: what is there is read, what is wanted replaces it──► known ──changes only──► known
///      ▲──────────a transaction that fails, a table that isn't as we left it──────┘
/// </code>
/// It never touches other tables. The sets in which endpoints remember their clients stay through all of it, an agent's death included.
/// </summary>
internal sealed class ServiceTable(HostTools tools, string host, ILogger<ServiceTable> logger)
{
    private const string ServiceLabel = "kubernetes.io/service-name";
    private const string SeesBridged = "/proc/sys/net/bridge/bridge-nf-call-iptables";

    private readonly Dictionary<string, (Service Service, EndpointSlice[] Slices, RuleSet Rules)> _made = new(StringComparer.Ordinal);
    private RuleSet? _applied;
    private string _frame = "";

    /// <exception cref="IOException">nft refused it; nothing has changed.</exception>
    public async Task ApplyAsync(HostNetwork own, NetworkState state, CancellationToken cancellation)
    {
        // A silo from before there were services.
        if (own.ServiceCidr.Length == 0) return;
        var frame = ServiceFrame.Text(own, await ShowBridgedAsync(cancellation));
        if (frame != _frame)
        {
            _applied = null;
            _made.Clear();
        }

        var wanted = Wanted(own, state);
        var present = _applied;
        var text = present is null ? await WholeAsync(frame, wanted, cancellation) : RuleSteps.Between(present, wanted);
        if (text.Length == 0) return;
        _applied = null;
        await tools.BatchAsync(["nft", "-f", "-"], [text], cancellation);
        (_applied, _frame) = (wanted, frame);
        logger.LogDebug("Services: {Chains} chains, {Elements} elements, {Bytes} bytes of changes", wanted.Chains.Count, wanted.Elements.Count, text.Length);
    }

    /// <summary>From time to time: somebody may have flushed or changed what we have written.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        if (_applied is null) return;
        var (chains, sets) = await ReadNamesAsync(cancellation);
        if (chains.SetEquals(_applied.Chains.Keys.Concat(ServiceFrame.Chains)) && sets.SetEquals(_applied.Memories.Keys)) return;
        logger.LogWarning("The table {Table} is not as it was left: it is written anew", ServiceFrame.Table);
        _applied = null;
    }

    /// <summary>Only what has changed since the last time is worked out again.</summary>
    private RuleSet Wanted(HostNetwork own, NetworkState state)
    {
        var rules = new ServiceRules(host, own.ClusterCidr);
        var slices = state.Slices.Values.ToLookup(slice => $"{slice.Metadata.Namespace}/{slice.Metadata.Labels.GetValueOrDefault(ServiceLabel)}");
        var all = new RuleSet();
        foreach (var (name, service) in state.Services.OrderBy(service => service.Key, StringComparer.Ordinal))
        {
            EndpointSlice[] behind = [.. slices[name].OrderBy(slice => slice.Metadata.Name, StringComparer.Ordinal)];
            if (!_made.TryGetValue(name, out var made) || made.Service != service || !made.Slices.AsSpan().SequenceEqual(behind, ReferenceEqualityComparer.Instance))
                _made[name] = made = (service, behind, rules.Of(service, behind));
            all.Add(made.Rules);
        }

        foreach (var gone in _made.Keys.Where(name => !state.Services.ContainsKey(name)).ToArray()) _made.Remove(gone);
        return all;
    }

    private async Task<string> WholeAsync(string frame, RuleSet wanted, CancellationToken cancellation)
    {
        var (chains, sets) = await ReadNamesAsync(cancellation);
        var present = new RuleSet();
        // What is in them nobody knows, but that all wanted ones have to be filled.
        foreach (var name in chains.Except(ServiceFrame.Chains)) present.Chains[name] = "";
        foreach (var name in sets) present.Memories[name] = wanted.Memories.GetValueOrDefault(name);
        var text = new StringBuilder().Append("add table ").Append(ServiceFrame.Table).Append('\n');
        if (chains.Count > 0)
        {
            foreach (var chain in ServiceFrame.Chains.Where(chains.Contains)) text.Append($"flush chain {ServiceFrame.Table} {chain}\n");
            foreach (var map in ServiceFrame.Maps) text.Append($"flush {(map == ServiceFrame.Hairpins ? "set" : "map")} {ServiceFrame.Table} {map}\n");
        }

        return text.Append(frame).Append(RuleSteps.Between(present, wanted)).ToString();
    }

    /// <summary>Of a table that isn't there, none.</summary>
    private async Task<(HashSet<string> Chains, HashSet<string> Memories)> ReadNamesAsync(CancellationToken cancellation)
    {
        return (await NamesAsync("chain"), [.. (await NamesAsync("set")).Except(ServiceFrame.Maps)]);

        async Task<HashSet<string>> NamesAsync(string kind)
        {
            var listed = await tools.ReadJsonAsync("nftables", cancellation, "nft", "-j", "-t", "list", $"{kind}s", "ip");
            return [.. listed.Select(one => one?[kind]).Where(one => $"ip {(string?)one?["table"]}" == ServiceFrame.Table).Select(one => (string)one!["name"]!)];
        }
    }

    /// <summary>Answers from pod to pod on one bridge have to pass through here, to come from whom they were asked of.</summary>
    private async Task<bool> ShowBridgedAsync(CancellationToken cancellation)
    {
        const string Show = $"[ -e {SeesBridged} ] || modprobe br_netfilter; [ \"$(cat {SeesBridged})\" = 1 ] || echo 1 > {SeesBridged}";
        return (await tools.RunAsync(cancellation, "sh", "-c", Show)).ExitCode == 0;
    }
}
