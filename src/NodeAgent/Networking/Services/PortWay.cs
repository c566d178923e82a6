namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>The chains of one port of one service by which one of its endpoints is chosen; each is made when it is first asked for.</summary>
internal sealed class PortWay(string name, string protocol, RuleSet rules)
{
    public string Name => name;
    public string Protocol => protocol;
    public RuleSet Rules => rules;

    /// <summary>For how long a client stays with its endpoint; 0: each connection goes anywhere.</summary>
    public int AffinitySeconds { get; set; }

    public string All(IReadOnlyList<ServiceEndpoint> endpoints) => Choice("all", endpoints);

    public string Local(IReadOnlyList<ServiceEndpoint> endpoints) => Choice("local", endpoints);

    private string Choice(string which, IReadOnlyList<ServiceEndpoint> endpoints)
    {
        var chain = $"{which}/{name}";
        if (!rules.Chains.ContainsKey(chain)) rules.Chains[chain] = AffinitySeconds > 0 ? Remembered(endpoints) : Any(endpoints);
        return chain;
    }

    private string Any(IReadOnlyList<ServiceEndpoint> endpoints) => endpoints is [var only]
        ? $"meta l4proto {protocol} dnat to {only.Address}:{only.Port}"
        : $"meta l4proto {protocol} dnat ip to numgen random mod {endpoints.Count} map {{ {string.Join(", ", endpoints.Select((endpoint, i) => $"{i} : {endpoint.Address} . {endpoint.Port}"))} }}";

    /// <summary>Each endpoint remembers its clients in a set of its own, so that what others remember stays when it goes.</summary>
    private string Remembered(IReadOnlyList<ServiceEndpoint> endpoints)
    {
        var lines = new List<string>();
        foreach (var endpoint in endpoints)
        {
            var (chain, memory) = (ChainOf(endpoint), $"clients/{name}/{AffinitySeconds}/{endpoint.Address}-{endpoint.Port}");
            rules.Memories[memory] = AffinitySeconds;
            rules.Chains[chain] = $"update @{memory} {{ ip saddr }}\nmeta l4proto {protocol} dnat to {endpoint.Address}:{endpoint.Port}";
            lines.Add($"ip saddr @{memory} goto {chain}");
        }

        lines.Add($"numgen random mod {endpoints.Count} vmap {{ {string.Join(", ", endpoints.Select((endpoint, i) => $"{i} : goto {ChainOf(endpoint)}"))} }}");
        return string.Join('\n', lines);
    }

    private string ChainOf(ServiceEndpoint endpoint) => $"to/{name}/{endpoint.Address}-{endpoint.Port}";
}
