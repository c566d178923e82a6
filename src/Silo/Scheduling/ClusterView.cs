using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// The scheduler's snapshot of the cluster, kept up to date from the changes of hosts and workloads. One owner; not thread-safe.
/// </summary>
internal sealed class ClusterView
{
    private static readonly Kind Nodes = KindCatalog.Of<Node>();
    private static readonly Kind Namespaces = KindCatalog.Of<Namespace>();

    private readonly Assignments _assignments;
    private readonly WorkloadSources _sources;
    private readonly ChangeCursor _nodes;
    private readonly ChangeCursor _namespaces;
    private readonly ChangeCursor[] _workloads;
    private readonly ChangeCursor _sizes;
    private readonly Dictionary<string, HostLedger> _ledgers = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, string> _hostOf = [];
    private readonly Dictionary<string, HostView> _empty = new(StringComparer.Ordinal);
    private NamespaceLabels _labels = NamespaceLabels.None;
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

    public ClusterView(ObjectCache cache, Assignments assignments, WorkloadSources sources)
    {
        _sources = sources;
        _sizes = new ChangeCursor(cache[MachineSizes.Types]);
        _assignments = assignments;
        _nodes = new ChangeCursor(cache[Nodes]);
        _namespaces = new ChangeCursor(cache[Namespaces]);
        _workloads = [new ChangeCursor(cache[WorkloadGrains.Pods]), new ChangeCursor(cache[WorkloadGrains.Machines])];
    }

    /// <summary>The cluster as of the latest changes.</summary>
    public ClusterSnapshot Refresh()
    {
        var touched = new HashSet<string>(StringComparer.Ordinal);
        _nodes.Read(node => _empty.Keys.ToList().ForEach(Forget), change =>
        {
            var host = change.Object.Key.Name;
            if (change.Operation == WriteOperation.Delete) _empty.Remove(host);
            else _empty[host] = HostView.From(change.Object.As<Node>(), default);
            touched.Add(host);
        });
        foreach (var cursor in _workloads) cursor.Read(kind => ForgetWorkloads(kind, touched), change => Enter(change, touched));
        _sizes.Read(_ => { }, change =>
        {
            foreach (var machine in _sources.Readers(change.Object.Key)) Enter(machine, WorkloadState.Of(machine).Host, touched);
        });
        foreach (var host in touched) Update(host);
        _namespaces.Read(_ => _labels = NamespaceLabels.None, change => _labels = change.Operation == WriteOperation.Delete
            ? _labels.Without(change.Object.Key.Name)
            : _labels.With(change.Object.Key.Name, change.Object.Metadata.Labels));
        if (!ReferenceEquals(_snapshot.Namespaces, _labels)) _snapshot = _snapshot.With(_labels);
        return _snapshot;

        void Forget(string host)
        {
            _empty.Remove(host);
            touched.Add(host);
        }
    }

    private void Enter(ObjectChange change, HashSet<string> touched)
    {
        var workload = change.Object;
        var host = change.Operation == WriteOperation.Delete ? "" : WorkloadState.Of(workload).Host;
        if (_hostOf.Remove(workload.Key, out var before) && before != host)
        {
            Ledger(before).Remove(workload.Key, change.Previous?.Uid ?? workload.Uid);
            touched.Add(before);
        }

        Enter(workload, host, touched);
    }

    private void Enter(StoredObject workload, string host, HashSet<string> touched)
    {
        if (host.Length == 0) return;
        _hostOf[workload.Key] = host;
        if (Ledger(host).Enter(workload, host, _assignments)) touched.Add(host);
    }

    private void ForgetWorkloads(Kind kind, HashSet<string> touched)
    {
        foreach (var (key, host) in _hostOf.Where(entry => entry.Key.Resource == kind.Resource).ToArray())
        {
            Ledger(host).Drop(key);
            _hostOf.Remove(key);
            touched.Add(host);
        }
    }

    private void Update(string host)
    {
        _snapshot = _empty.TryGetValue(host, out var empty)
            ? _snapshot.With(empty with { Used = Ledger(host).Used, Residents = Ledger(host).Residents })
            : _snapshot.Without(new HostName(host));
    }

    private HostLedger Ledger(string host)
    {
        if (!_ledgers.TryGetValue(host, out var ledger)) _ledgers[host] = ledger = new HostLedger();
        return ledger;
    }
}
