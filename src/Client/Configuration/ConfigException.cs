namespace Orchestrator.Client;

/// <summary>A configuration, or an address in it, that can't be used; the message says which and what would be right.</summary>
public sealed class ConfigException(string message, Exception? cause = null) : Exception(message, cause);
