namespace Orchestrator.Cli.Connection;

/// <summary>A server by a name, and the namespace that commands use there.</summary>
internal sealed record ConfigContext(string Name, string Server, string Namespace);

/// <summary>What the configuration file says: the contexts, and which one is current (empty: none).</summary>
internal sealed record CliConfig(string CurrentContext, IReadOnlyList<ConfigContext> Contexts)
{
    public static readonly CliConfig Empty = new("", []);

    public ConfigContext? Find(string name) => Contexts.FirstOrDefault(context => context.Name == name);

    /// <summary>The same with one context added or replaced.</summary>
    public CliConfig With(ConfigContext changed) => this with
    {
        Contexts = Find(changed.Name) is null
            ? [.. Contexts, changed]
            : [.. Contexts.Select(context => context.Name == changed.Name ? changed : context)],
    };
}
