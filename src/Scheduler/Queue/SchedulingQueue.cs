using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler;

/// <summary>
/// The workloads that have no host:
/// <code>
///   Add ──► active ──Take──► taken ──Remove──► (placed or gone)
///             ▲                │ Unplaced
///             │   Happened     ▼
///             └──────────── waiting      (an event that one of its rules names; its own change; Refused goes straight back)
/// </code>
/// Who was tried and did not fit is tried again after a growing pause at the earliest. The more important go first; of equal ones each
/// namespace gets a turn, so that nobody's thousands hold up the few of another. Members of a group are tried together, whatever
/// their pauses: alone, each would find the others missing. Pure: time is told to it.
/// </summary>
public sealed class SchedulingQueue
{
    public const long FirstPauseMilliseconds = 100;
    public const long LongestPauseMilliseconds = 10_000;

    private readonly Dictionary<ObjectKey, Entry> _entries = [];

    private enum Place
    {
        Active,
        Taken,
        Waiting,
    }

    private sealed class Entry(ObjectKey key)
    {
        public ObjectKey Key => key;
        public long Version;
        public string Group = "";
        public int Priority;
        public long Sequence;
        public Place Place;
        public int Attempts;
        public long ReadyAt;
        public ClusterEvents HelpedBy;

        /// <summary>What happened while it was taken: the plan may not have seen it.</summary>
        public ClusterEvents Missed;

        /// <summary>It changed itself while it was taken.</summary>
        public bool Changed;
    }

    public int Count => _entries.Count;

    public int Waiting => _entries.Values.Count(entry => entry.Place == Place.Waiting);

    /// <summary>A workload without a host. One that waits goes on waiting unless its version is another: its own wishes changed.</summary>
    /// <param name="group">The name of its group, within its namespace; empty if it has none.</param>
    public void Add(ObjectKey key, long version, int priority, long sequence, string group = "")
    {
        if (!_entries.TryGetValue(key, out var entry)) _entries.Add(key, entry = new Entry(key) { Version = version });
        (entry.Priority, entry.Sequence, entry.Group) = (priority, sequence, group);
        if (entry.Version == version) return;
        (entry.Version, entry.Attempts, entry.ReadyAt, entry.Changed) = (version, 0, 0, true);
        if (entry.Place == Place.Waiting) entry.Place = Place.Active;
    }

    public void Remove(ObjectKey key) => _entries.Remove(key);

    /// <summary>
    /// At most so many that may be tried now, as many of each namespace as of the others, and with them all the others of their groups. What
    /// was taken before and never settled (a pass that failed) may be tried again.
    /// </summary>
    public IReadOnlyList<ObjectKey> Take(int most, long now)
    {
        foreach (var entry in _entries.Values)
            if (entry.Place == Place.Taken) entry.Place = Place.Active;
        var ready = _entries.Values.Where(entry => entry.Place == Place.Active && entry.ReadyAt <= now).ToList();
        var taken = ready.Count <= most ? ready : InTurn(ready).Take(most).ToList();
        foreach (var entry in taken) Try(entry);
        taken.AddRange(Mates(taken));
        return taken.ConvertAll(entry => entry.Key);
    }

    /// <summary>It fits nowhere; only these events can help. If one of them has happened meanwhile, it is tried again.</summary>
    public void Unplaced(ObjectKey key, ClusterEvents helpedBy, long now)
    {
        if (!_entries.TryGetValue(key, out var entry)) return;
        entry.ReadyAt = entry.Changed ? 0 : now + PauseOf(entry.Attempts++);
        entry.HelpedBy = helpedBy;
        entry.Place = entry.Changed || (entry.Missed & helpedBy) != 0 ? Place.Active : Place.Waiting;
    }

    /// <summary>A host did not take it: the plan was made on an old view. Returns how often it has been tried in vain.</summary>
    public int Refused(ObjectKey key, long now)
    {
        if (!_entries.TryGetValue(key, out var entry)) return 0;
        // The first refusal costs no pause: the next plan knows better.
        if (entry.Attempts++ > 0) entry.ReadyAt = now + PauseOf(entry.Attempts - 1);
        entry.Place = Place.Active;
        return entry.Attempts;
    }

    /// <summary>Brings back those that it may help.</summary>
    public void Happened(ClusterEvents events)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Place == Place.Waiting && (entry.HelpedBy & events) != 0) entry.Place = Place.Active;
            else if (entry.Place == Place.Taken) entry.Missed |= events;
        }
    }

    /// <summary>When the next one may be tried; null if none is active.</summary>
    public long? NextAt()
    {
        long? next = null;
        foreach (var entry in _entries.Values)
            if (entry.Place == Place.Active && (next is null || entry.ReadyAt < next)) next = entry.ReadyAt;
        return next;
    }

    private static void Try(Entry entry) => (entry.Place, entry.Missed, entry.Changed) = (Place.Taken, ClusterEvents.None, false);

    private List<Entry> Mates(List<Entry> taken)
    {
        var groups = taken.Where(entry => entry.Group.Length > 0).Select(entry => (entry.Key.Namespace, entry.Group)).ToHashSet();
        if (groups.Count == 0) return [];
        var mates = _entries.Values.Where(entry => entry.Place != Place.Taken && groups.Contains((entry.Key.Namespace, entry.Group))).ToList();
        mates.ForEach(Try);
        return mates;
    }

    /// <summary>By priority; within one, the first of each namespace, then the second of each …</summary>
    private static IEnumerable<Entry> InTurn(List<Entry> entries) => entries
        .GroupBy(entry => entry.Priority).OrderByDescending(group => group.Key)
        .SelectMany(group => group.GroupBy(entry => entry.Key.Namespace)
            .SelectMany(own => own.OrderBy(entry => entry.Sequence).ThenBy(entry => entry.Key).Select((entry, turn) => (entry, turn)))
            .OrderBy(pair => pair.turn).ThenBy(pair => pair.entry.Sequence).ThenBy(pair => pair.entry.Key).Select(pair => pair.entry));

    private static long PauseOf(int attempts) => Math.Min(LongestPauseMilliseconds, FirstPauseMilliseconds << Math.Min(attempts, 20));
}
