namespace Orchestrator.NodeAgent.Configuration;

/// <summary>A workload asks for what isn't there or can't be. The message is what its user reads in its status and events.</summary>
internal sealed class ConfigurationProblemException(string message) : Exception(message);
