using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Silo.Cache;
using Endpoint = Orchestrator.Objects.DiscoveryV1.Endpoint;
using EndpointPort = Orchestrator.Objects.DiscoveryV1.EndpointPort;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>
/// Which slices of a service have to be written so that they say what is behind it. An endpoint stays in the slice where it is; what is new goes where
/// something is written anyway, then where there is room, then into new slices. So a pod that becomes ready costs one slice.
/// </summary>
internal sealed class SlicePlan
{
    /// <summary>As in Kubernetes: what is sent to every host with each change stays small.</summary>
    public const int EndpointsPerSlice = 100;

    private readonly List<Draft> _drafts = [];

    private SlicePlan()
    {
    }

    /// <summary>New slices, without names.</summary>
    public IEnumerable<EndpointSlice> Created => _drafts.Where(draft => draft.Present is null).Select(draft => draft.Slice);

    public IEnumerable<(StoredObject Present, EndpointSlice Slice)> Updated =>
        _drafts.Where(draft => draft.Present is not null && !draft.Deleted && !draft.Slice.Equals(draft.Present.Message)).Select(draft => (draft.Present!, draft.Slice));

    public IEnumerable<StoredObject> Deleted => _drafts.Where(draft => draft.Deleted).Select(draft => draft.Present!);

    /// <param name="present">The slices that we have written for the service.</param>
    /// <param name="service">It has a selector.</param>
    /// <param name="targets">What its selector chooses.</param>
    public static SlicePlan Of(StoredObject service, IEnumerable<EndpointTarget> targets, IEnumerable<StoredObject> present)
    {
        var plan = new SlicePlan();
        var groups = new Dictionary<string, (EndpointPort[] Ports, Dictionary<string, Endpoint> Endpoints)>(StringComparer.Ordinal);
        foreach (var target in targets)
        {
            var ports = target.Ports(service.As<Service>().Spec).ToArray();
            var name = NameOf(ports);
            if (!groups.TryGetValue(name, out var group)) groups[name] = group = (ports, new Dictionary<string, Endpoint>(StringComparer.Ordinal));
            group.Endpoints[target.Workload.Uid] = target.Endpoint(service);
        }

        foreach (var slice in present) plan._drafts.Add(new Draft(slice, slice.Copy<EndpointSlice>()));
        foreach (var draft in plan._drafts) draft.Keep(groups.GetValueOrDefault(NameOf(draft.Slice.Ports)).Endpoints ?? []);
        foreach (var (name, group) in groups.OrderBy(group => group.Key, StringComparer.Ordinal)) plan.Place(service, name, group.Ports, group.Endpoints.Values);
        plan.Tidy(service);
        return plan;
    }

    private void Place(StoredObject service, string name, EndpointPort[] ports, IEnumerable<Endpoint> endpoints)
    {
        var mine = new Queue<Draft>(_drafts.Where(draft => NameOf(draft.Slice.Ports) == name).OrderByDescending(draft => draft.Changed).ThenByDescending(draft => draft.Slice.Endpoints.Count));
        foreach (var endpoint in endpoints)
        {
            while (mine.TryPeek(out var full) && full.Slice.Endpoints.Count >= EndpointsPerSlice) mine.Dequeue();
            if (mine.Count == 0)
            {
                var made = new Draft(null, EndpointSlices.New(service, ports));
                _drafts.Add(made);
                mine.Enqueue(made);
            }

            mine.Peek().Slice.Endpoints.Add(endpoint);
        }
    }

    /// <summary>Empty slices go. A service with nothing behind it keeps one, which says so.</summary>
    private void Tidy(StoredObject service)
    {
        var empty = _drafts.Where(draft => draft.Slice.Endpoints.Count == 0).ToList();
        if (empty.Count == _drafts.Count)
        {
            if (empty.Count > 0) empty.RemoveAt(0);
            else _drafts.Add(new Draft(null, EndpointSlices.New(service, [])));
        }

        foreach (var draft in empty) draft.Deleted = true;
    }

    private static string NameOf(IEnumerable<EndpointPort> ports) =>
        string.Join(';', ports.Select(port => $"{port.Name}/{port.Protocol}/{port.Port}/{port.AppProtocol}").Order(StringComparer.Ordinal));

    private sealed class Draft(StoredObject? present, EndpointSlice slice)
    {
        public StoredObject? Present => present;
        public EndpointSlice Slice => slice;
        public bool Changed { get; private set; }
        public bool Deleted { get; set; }

        /// <summary>Brings what it holds up to date, and takes that from what is still to be placed.</summary>
        public void Keep(Dictionary<string, Endpoint> wanted)
        {
            var kept = new List<Endpoint>();
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.TargetRef is { } target && wanted.Remove(target.Uid, out var now)) kept.Add(now);
            }

            Changed = !kept.SequenceEqual(slice.Endpoints);
            if (!Changed) return;
            slice.Endpoints.Clear();
            slice.Endpoints.Add(kept);
        }
    }
}
