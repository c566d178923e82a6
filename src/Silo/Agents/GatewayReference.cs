namespace Orchestrator.Silo.Agents;

/// <summary>This silo's gateway as grains can call it. Made once; Orleans holds the table weakly, so it is kept here.</summary>
internal sealed class GatewayReference(IGrainFactory grains, SessionTable sessions)
{
    private readonly Lazy<IAgentGateway> _value = new(() => grains.CreateObjectReference<IAgentGateway>(sessions));

    public SessionTable Sessions { get; } = sessions;

    public IAgentGateway Value => _value.Value;
}
