namespace Orchestrator.NodeAgent.Networking.Overlay;

/// <summary>The device by which this host reaches the others, its own address there, and the longest packet that a pod may send.</summary>
internal readonly record struct HostLink(string Device, string Address, int PodMtu);
