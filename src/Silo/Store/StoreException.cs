namespace Orchestrator.Silo.Store;

/// <summary>The store can't do its work: the environment is broken, and the message says what and where.</summary>
internal sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
