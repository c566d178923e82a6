namespace Orchestrator.Hypervisor.Domains;

/// <summary>A file of a domain's config drive. It may be a secret, and is in no journal and no log.</summary>
internal readonly record struct ConfigFile(string Name, ReadOnlyMemory<byte> Content);
