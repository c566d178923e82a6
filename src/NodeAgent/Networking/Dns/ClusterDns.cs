namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>Where the cluster's names are answered on every host, and what they end with.</summary>
internal sealed record ClusterDns(string Address, string Domain);
