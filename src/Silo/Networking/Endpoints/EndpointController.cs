using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>Writes what is behind one service, as it is now. It owns the slices that it has made, and never those of others.</summary>
internal sealed class EndpointController(ObjectCache cache, Sequencer sequencer, ObjectNames names, TimeProvider time)
{
    private const int Attempts = 8;
    public static readonly Kind Services = KindCatalog.Of<Service>();

    /// <summary>False if the store didn't take it: once more, later.</summary>
    public async Task<bool> Reconcile(ObjectKey key, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (cache.Find(key) is not { Terminating: false } service || service.As<Service>().Spec is not { Selector.Count: > 0 } spec || spec.Type == "ExternalName") return true;
            var plan = SlicePlan.Of(service, Chosen(key.Namespace, spec), cache[EndpointSlices.Kind].Current.In(key.Namespace).Where(slice => !slice.Terminating && EndpointSlices.IsOurs(slice) && EndpointSlices.ServiceOf(slice) == key.Name && IsOf(slice, service)));
            var outcomes = await Task.WhenAll(Writes(plan).Select(write => sequencer.Commit(write, cancellation)));
            if (outcomes.All(outcome => outcome.Done)) return true;
            if (outcomes.Any(outcome => outcome.Outcome is WriteOutcome.Full or WriteOutcome.Unavailable)) return false;
        }

        return false;
    }

    /// <summary>What a service's selector chooses in its namespace: pods and machines.</summary>
    private IEnumerable<EndpointTarget> Chosen(string ns, ServiceSpec spec) =>
        cache[WorkloadGrains.Pods].Current.In(ns).Concat(cache[WorkloadGrains.Machines].Current.In(ns))
            .Where(workload => ServiceSelection.Chooses(spec, workload)).Select(EndpointTarget.Of).OfType<EndpointTarget>();

    /// <summary>Slices of an earlier service of the name go with that one.</summary>
    private static bool IsOf(StoredObject slice, StoredObject service) => slice.Metadata.OwnerReferences.Any(owner => owner.Uid == service.Uid);

    private IEnumerable<Write> Writes(SlicePlan plan)
    {
        foreach (var slice in plan.Created)
        {
            slice.Metadata.Name = names.Generate(slice.Metadata.GenerateName);
            slice.Metadata.Uid = names.Uid();
            slice.Metadata.CreationTimestamp = new() { Seconds = time.GetUtcNow().ToUnixTimeSeconds() };
            yield return Write.Create(new ObjectKey(EndpointSlices.Kind.Resource, slice.Metadata.Namespace, slice.Metadata.Name), EndpointSlices.Kind, slice);
        }

        foreach (var (present, slice) in plan.Updated)
        {
            slice.Metadata.Generation++;
            yield return Write.Update(present, slice);
        }

        foreach (var slice in plan.Deleted) yield return Write.Delete(slice);
    }
}
