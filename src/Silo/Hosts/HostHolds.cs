using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Silo.Hosts;

/// <summary>
/// Room of one host that is promised to members of groups, in memory only:
/// <code>
///   (none) ──Promise──► promised ──Redeem──► (bound)
///                          │ Redeem without binding, or 30 seconds
///                          ▼
///                        (none)
/// </code>
/// Whoever asked for a promise and vanished holds up nobody for long.
/// </summary>
internal sealed class HostHolds(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ObjectKey, (Resident Resident, long Since)> _promised = [];

    public void Promise(Resident resident) => _promised[resident.Key] = (resident, time.GetTimestamp());

    /// <summary>The promise ends. True if there was one and it still held.</summary>
    public bool Redeem(ObjectKey key, string uid) =>
        _promised.TryGetValue(key, out var hold) && hold.Resident.Uid == uid && _promised.Remove(key) && Lasts(hold.Since);

    /// <summary>The host with what is promised as if it were there.</summary>
    public HostView On(HostView host)
    {
        foreach (var (key, hold) in _promised)
            if (!Lasts(hold.Since)) _promised.Remove(key);
        return _promised.Count == 0 ? host : host.With([.. _promised.Values.Select(hold => hold.Resident)]);
    }

    private bool Lasts(long since) => time.GetElapsedTime(since) < Lifetime;
}
