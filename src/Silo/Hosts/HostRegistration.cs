using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosts;

/// <summary>Writes a host's Node object: its facts, and whether it is ready. Ready and the reachability taint are the control plane's.</summary>
internal sealed class HostRegistration(ObjectEditor editor, ObjectCache cache, HostRanges ranges, ObjectNames names, TimeProvider time)
{
    private const string Unreachable = "node.kubernetes.io/unreachable";
    private const string NetworkUnavailable = "node.kubernetes.io/network-unavailable";
    private static readonly Kind Kind = KindCatalog.Of<Node>();
    private static readonly string[] UntoleratedEffects = ["NoSchedule", "NoExecute"];

    public static ObjectKey KeyOf(string host) => new(Kind.Resource, "", host);

    /// <summary>What is wrong with an agent's facts: they are read by the scheduler, which trusts them.</summary>
    public static IReadOnlyList<FieldError> Check(string host, HostFacts? facts)
    {
        var node = new Node { Metadata = new ObjectMeta { Name = host }, Status = facts?.Status };
        if (facts is not null) node.Metadata.Labels.Add(facts.Labels);
        var errors = Validation.Check(node);
        if (facts?.Network is { PodCidr: { Length: > 0 } range } && AddressRange.Parse(range) is null)
            errors = [.. errors, new FieldError("network.podCIDR", $"Invalid value \"{range}\": must be an IPv4 range", FieldReasons.Invalid)];
        return errors;
    }

    public bool Knows(string host) => cache.Find(KeyOf(host)) is not null;

    /// <summary>The status of the host's condition Ready; null if the host isn't registered or has none.</summary>
    public string? Readiness(string host) =>
        cache.Find(KeyOf(host))?.As<Node>().Status?.Conditions.FirstOrDefault(condition => condition.Type == Conditions.Ready)?.Status;

    /// <summary>Whether the host has a range for its pods, or there is no host.</summary>
    public bool HasRange(string host) => cache.Find(KeyOf(host)) is not { } node || HostRanges.Of(node) is not null;

    /// <summary>Registers the host or brings its facts up to date. Labels that others have set stay.</summary>
    public async Task Register(string host, HostFacts facts)
    {
        if (cache.Find(KeyOf(host)) is null)
        {
            var node = new Node
            {
                Metadata = new ObjectMeta
                {
                    Name = host,
                    Uid = names.Uid(),
                    Generation = 1,
                    CreationTimestamp = new() { Seconds = time.GetUtcNow().ToUnixTimeSeconds() },
                },
                Spec = new NodeSpec(),
            };
            await editor.Create(KeyOf(host), Kind, node);
        }

        if (!HasRange(host)) await ranges.Give(host, facts.Network?.PodCidr ?? "");
        await editor.Edit<Node>(KeyOf(host), "", node =>
        {
            Take(node, facts);
            return true;
        });
    }

    /// <summary>The host is silent for longer than its lease: unknown, and no place for new work.</summary>
    public Task MarkSilent(string host, int leaseSeconds) => editor.Edit<Node>(KeyOf(host), "", node =>
    {
        node.Status ??= new NodeStatus();
        node.Spec ??= new NodeSpec();
        foreach (var effect in UntoleratedEffects)
        {
            if (!node.Spec.Taints.Any(taint => taint.Key == Unreachable && taint.Effect == effect))
                node.Spec.Taints.Add(new Taint { Key = Unreachable, Effect = effect, TimeAdded = new() { Seconds = time.GetUtcNow().ToUnixTimeSeconds() } });
        }

        return Conditions.Set(
            node.Status.Conditions, Conditions.Ready, null, "NodeStatusUnknown", $"The agent has not been heard of for {leaseSeconds} seconds.", time);
    });

    private void Take(Node node, HostFacts facts)
    {
        var ready = node.Status?.Conditions.FirstOrDefault(condition => condition.Type == Conditions.Ready);
        var before = node.Status?.Conditions.ToArray() ?? [];
        node.Status = facts.Status?.Clone() ?? new NodeStatus();
        foreach (var own in node.Status.Conditions.Where(condition => condition.Type == Conditions.Ready).ToArray()) node.Status.Conditions.Remove(own);
        if (ready is not null) node.Status.Conditions.Add(ready);
        Conditions.Set(node.Status.Conditions, Conditions.Ready, true, "AgentReady", "The agent is connected.", time);
        node.Spec ??= new NodeSpec();
        Judge(node, facts.Network?.PodCidr ?? "");
        Conditions.KeepTransitionTimes(before, node.Status.Conditions);
        foreach (var (key, value) in facts.Labels) node.Metadata.Labels[key] = value;
        foreach (var taint in node.Spec.Taints.Where(taint => taint.Key == Unreachable).ToArray()) node.Spec.Taints.Remove(taint);
    }

    /// <summary>No new work for a host whose pods would have addresses that lead to nobody, or to another host.</summary>
    private void Judge(Node node, string used)
    {
        var given = node.Spec.PodCidr;
        var (reason, message) = given.Length == 0
            ? ("NoRangeLeft", "The cluster's range has no part left for this host: remove hosts, or start the silo with another --cluster-cidr.")
            : used.Length > 0 && used != given
                ? ("RangeDiffers", $"The pods of this host are in {used}, the cluster has given it {given}: drain the host, and it goes over.")
                : ("RangeGiven", $"The pods of this host are in {given}.");
        var unavailable = reason != "RangeGiven";
        Conditions.Set(node.Status.Conditions, "NetworkUnavailable", unavailable, reason, message, time);
        var taint = node.Spec.Taints.FirstOrDefault(taint => taint.Key == NetworkUnavailable);
        if (unavailable && taint is null) node.Spec.Taints.Add(new Taint { Key = NetworkUnavailable, Effect = UntoleratedEffects[0] });
        else if (!unavailable && taint is not null) node.Spec.Taints.Remove(taint);
    }
}
