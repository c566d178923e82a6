using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rest;

/// <summary>
/// What Kubernetes reached: 1.34 built from source (etcd 3.5 with fsync, apiserver, scheduler, controller-manager) on this kind of machine,
/// three rounds, the best of each. It is not run again here; the figures stand for it.
/// </summary>
internal static class Kubernetes
{
    public const string Name = "Kubernetes 1.34, earlier run";

    public static Figure Rate(string name, double value, double peer, double times = 1) =>
        new(name, value, "1/s") { Peer = peer, PeerName = Name, Goal = peer * times, HigherIsBetter = true };

    public static Figure Time(string name, double milliseconds, double peer) =>
        new(name, milliseconds, "ms") { Peer = peer, PeerName = Name, Goal = peer };

    public static Figure Memory(string name, double megabytes, double peer) =>
        new(name, megabytes, "MB") { Peer = peer, PeerName = Name, Goal = peer };
}
