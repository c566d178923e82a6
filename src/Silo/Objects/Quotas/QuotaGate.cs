using Google.Protobuf;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Values;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Quotas;

/// <summary>
/// Refuses what would take a namespace over one of its quotas. Counting and committing are one step for the namespaces that have
/// quotas: one create or update at a time, so that two of them never share the last place. Other namespaces pass freely.
/// </summary>
internal sealed class QuotaGate(ObjectCache cache)
{
    /// <summary>Namespaces share these; a wait for a stranger's create costs a commit, and no more.</summary>
    private const int Turnstiles = 64;

    private static readonly Kind Quotas = KindCatalog.Of<ResourceQuota>();

    private readonly SemaphoreSlim[] _turnstiles = [.. Enumerable.Range(0, Turnstiles).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Waits for the namespace's turn; null where it has no quota.</summary>
    public async Task<IDisposable?> Enter(string ns, CancellationToken cancellation)
    {
        if (!HasQuota(ns)) return null;
        var turnstile = _turnstiles[(uint)ns.GetHashCode(StringComparison.Ordinal) % Turnstiles];
        await turnstile.WaitAsync(cancellation);
        return new Turn(turnstile);
    }

    /// <summary>Why the object doesn't fit; null if it does. The turn must have been entered.</summary>
    /// <param name="kind">The object's.</param>
    /// <param name="obj">The object as it would become.</param>
    /// <param name="present">As it is, for an update: what it takes already is not asked for again, and what shrinks always may.</param>
    public ApiError? Refuse(Kind kind, IMessage obj, IMessage? present = null)
    {
        var metadata = kind.MetadataOf(obj)!;
        if (!kind.Namespaced || !HasQuota(metadata.Namespace)) return null;
        foreach (var quota in cache[Quotas].Current.In(metadata.Namespace))
        {
            var hard = quota.As<ResourceQuota>().Spec?.Hard ?? [];
            var wanted = Growth(QuotaUsage.Of(kind, obj, hard.Keys), present is null ? [] : QuotaUsage.Of(kind, present, hard.Keys));
            if (wanted.Count == 0) continue;
            var used = QuotaUsage.OfNamespace(metadata.Namespace, [.. wanted.Keys], cache);
            var over = wanted.Where(one => Quantity.TryParse(hard[one.Key], out var most) && used[one.Key] + one.Value > most).Select(one => one.Key).Order(StringComparer.Ordinal).ToArray();
            if (over.Length == 0) continue;
            string List(Func<string, object> value) => string.Join(',', over.Select(name => $"{name}={value(name)}"));
            return new ApiError(
                ErrorReason.Forbidden,
                $"{kind.Resource.Plural} \"{metadata.Name}\" is forbidden: exceeded quota: {quota.Key.Name}, requested: {List(name => wanted[name])}, used: {List(name => used[name])}, limited: {List(name => hard[name])}");
        }

        return null;
    }

    private static Dictionary<string, Quantity> Growth(Dictionary<string, Quantity> wanted, Dictionary<string, Quantity> had)
    {
        foreach (var (name, taken) in had)
        {
            if (!wanted.TryGetValue(name, out var more)) continue;
            if (more > taken) wanted[name] = more - taken;
            else wanted.Remove(name);
        }

        return wanted;
    }

    private bool HasQuota(string ns)
    {
        var quotas = cache[Quotas].Current;
        return quotas.Objects.Count > 0 && quotas.In(ns).Any();
    }

    private sealed class Turn(SemaphoreSlim turnstile) : IDisposable
    {
        public void Dispose() => turnstile.Release();
    }
}
