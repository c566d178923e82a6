using Google.Protobuf;
using Google.Protobuf.Collections;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Values;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Kinds;

namespace Orchestrator.Silo.Objects.Quotas;

/// <summary>What the limit ranges of a namespace add to new objects, and what they refuse.</summary>
internal static class LimitRanges
{
    private static readonly Kind Kind = KindCatalog.Of<LimitRange>();

    /// <summary>Gives containers that name no limit or request the namespace's own.</summary>
    public static void FillIn(IMessage obj, ObjectCache cache)
    {
        if (obj is not Pod pod) return;
        var filled = false;
        foreach (var item in Items(pod.Metadata.Namespace, "Container", cache))
        {
            if (item.Default.Count + item.DefaultRequest.Count == 0) continue;
            foreach (var container in pod.Spec.Containers)
            {
                container.Resources ??= new ResourceRequirements();
                foreach (var (name, limit) in item.Default) container.Resources.Limits.TryAdd(name, limit);
                foreach (var (name, request) in item.DefaultRequest) container.Resources.Requests.TryAdd(name, request);
                filled = true;
            }
        }

        if (filled && pod.Status is not null) pod.Status.QosClass = QualityOfService.Of(pod.Spec);
    }

    /// <summary>Everything that is below the least, above the most, or out of proportion.</summary>
    public static IEnumerable<string> Violations(IMessage obj, ObjectCache cache) => obj switch
    {
        Pod pod => Items(pod.Metadata.Namespace, "Container", cache).SelectMany(item => pod.Spec.Containers.SelectMany(container => Check(
                item, "Container", container.Resources?.Requests ?? [], container.Resources?.Limits ?? [])))
            .Concat(Items(pod.Metadata.Namespace, "Pod", cache).SelectMany(item => Check(
                item, "Pod", Sum(pod, resources => resources.Requests), Sum(pod, resources => resources.Limits)))),
        PersistentVolumeClaim claim => Items(claim.Metadata.Namespace, "PersistentVolumeClaim", cache).SelectMany(item => Check(
            item, "PersistentVolumeClaim", claim.Spec.Resources.Requests, claim.Spec.Resources.Requests)),
        _ => [],
    };

    private static IEnumerable<LimitRangeItem> Items(string ns, string type, ObjectCache cache)
    {
        var ranges = cache[Kind].Current;
        return ranges.Objects.Count == 0 ? [] : ranges.In(ns).SelectMany(obj => obj.As<LimitRange>().Spec.Limits).Where(item => item.Type == type);
    }

    private static IEnumerable<string> Check(LimitRangeItem item, string type, MapField<string, string> requests, MapField<string, string> limits)
    {
        foreach (var (name, least) in item.Min)
        {
            if (!requests.TryGetValue(name, out var request)) yield return $"minimum {name} usage per {type} is {least}.  No request is specified";
            else if (Parse(request) < Parse(least)) yield return $"minimum {name} usage per {type} is {least}, but request is {request}";
        }

        foreach (var (name, most) in item.Max)
        {
            if (!limits.TryGetValue(name, out var limit)) yield return $"maximum {name} usage per {type} is {most}.  No limit is specified";
            else if (Parse(limit) > Parse(most)) yield return $"maximum {name} usage per {type} is {most}, but limit is {limit}";
        }

        foreach (var (name, ratio) in item.MaxLimitRequestRatio)
        {
            if (!limits.TryGetValue(name, out var limit) || !requests.TryGetValue(name, out var request) || Parse(request).IsZero) continue;
            if (Parse(limit).MilliCeiling() > (decimal)Parse(request).MilliCeiling() * Parse(ratio).MilliCeiling() / 1000)
                yield return $"{name} max limit to request ratio per {type} is {ratio}, but the limit {limit} is more times the request {request}";
        }
    }

    private static MapField<string, string> Sum(Pod pod, Func<ResourceRequirements, MapField<string, string>> part)
    {
        var sum = new MapField<string, string>();
        foreach (var (name, amount) in pod.Spec.Containers.Where(container => container.Resources is not null).SelectMany(container => part(container.Resources)))
            sum[name] = (Parse(sum.TryGetValue(name, out var before) ? before : "0") + Parse(amount)).ToString();
        return sum;
    }

    private static Quantity Parse(string text) => Quantity.TryParse(text, out var quantity) ? quantity : Quantity.Zero;
}
