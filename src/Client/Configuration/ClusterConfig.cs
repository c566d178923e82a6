namespace Orchestrator.Client;

/// <summary>A server by a name, and the namespace that commands use there.</summary>
public sealed record ConfigContext(string Name, string Server, string Namespace);

/// <summary>What the configuration file says: the contexts, and which one is current (empty: none).</summary>
public sealed record ClusterConfig(string CurrentContext, IReadOnlyList<ConfigContext> Contexts)
{
    /// <summary>No contexts.</summary>
    public static readonly ClusterConfig Empty = new("", []);

    /// <summary>The context of that name, if there is one.</summary>
    public ConfigContext? Find(string name) => Contexts.FirstOrDefault(context => context.Name == name);

    /// <summary>The same with one context added or replaced.</summary>
    public ClusterConfig With(ConfigContext changed) => this with
    {
        Contexts = Find(changed.Name) is null
            ? [.. Contexts, changed]
            : [.. Contexts.Select(context => context.Name == changed.Name ? changed : context)],
    };
}
