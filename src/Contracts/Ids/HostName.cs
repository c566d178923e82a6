namespace Orchestrator.Contracts.Ids;

/// <summary>The name of a host, which is also the name of its Node object.</summary>
public readonly record struct HostName(string Value)
{
    public override string ToString() => Value;
}
