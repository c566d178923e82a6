using Google.Protobuf;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Values;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Quotas;

/// <summary>What objects take of the resources that a quota names. A pod that has ended takes nothing.</summary>
internal static class QuotaUsage
{
    private const string Requests = "requests.";
    private const string Limits = "limits.";

    /// <summary>The names of <paramref name="hard"/> that one object of this kind takes something of, and how much.</summary>
    public static Dictionary<string, Quantity> Of(Kind kind, IMessage obj, IEnumerable<string> hard)
    {
        var used = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        if (obj is Pod { Status.Phase: "Succeeded" or "Failed" }) return used;
        var counted = kind.Resource.Group.Length == 0 ? $"count/{kind.Resource.Plural}" : $"count/{kind.Resource.Plural}.{kind.Resource.Group}";
        foreach (var name in hard)
        {
            if (name == counted || (kind.Resource.Group.Length == 0 && name == kind.Resource.Plural)) used[name] = Quantity.FromInt64(1);
            else if (Amount(obj, name) is { } amount) used[name] = amount;
        }

        return used;
    }

    /// <summary>What all objects of a namespace take together.</summary>
    public static Dictionary<string, Quantity> OfNamespace(string ns, IReadOnlyCollection<string> hard, ObjectCache cache)
    {
        var sum = hard.ToDictionary(name => name, _ => Quantity.Zero, StringComparer.Ordinal);
        foreach (var kind in cache.Kinds.Select(cached => cached.Kind).Where(kind => kind.Namespaced))
        {
            foreach (var obj in cache[kind].Current.In(ns))
                foreach (var (name, amount) in Of(kind, obj.Message, hard)) sum[name] += amount;
        }

        return sum;
    }

    private static Quantity? Amount(IMessage obj, string name) => obj switch
    {
        Pod pod when name.StartsWith(Limits, StringComparison.Ordinal) => Sum(pod, container => container.Resources?.Limits.GetValueOrDefault(name[Limits.Length..], "")),
        Pod pod when name.StartsWith(Requests, StringComparison.Ordinal) => Sum(pod, container => container.Resources?.Requests.GetValueOrDefault(name[Requests.Length..], "")),
        Pod pod when name is "cpu" or "memory" or "ephemeral-storage" => Sum(pod, container => container.Resources?.Requests.GetValueOrDefault(name, "")),
        PersistentVolumeClaim claim when name == "requests.storage" => Parse(claim.Spec.Resources.Requests.GetValueOrDefault("storage", "")),
        Service service when name == "services.loadbalancers" && service.Spec.Type == "LoadBalancer" => Quantity.FromInt64(1),
        Service service when name == "services.nodeports" && service.Spec.Type is "NodePort" or "LoadBalancer" => Quantity.FromInt64(service.Spec.Ports.Count),
        _ => null,
    };

    private static Quantity Sum(Pod pod, Func<Container, string?> amount) =>
        pod.Spec.Containers.Aggregate(Quantity.Zero, (sum, container) => sum + Parse(amount(container)));

    private static Quantity Parse(string? text) => Quantity.TryParse(text, out var quantity) ? quantity : Quantity.Zero;
}
