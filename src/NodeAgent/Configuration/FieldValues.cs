using System.Globalization;
using System.Text;
using Google.Protobuf.Collections;
using Orchestrator.Contracts.Values;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Configuration;

/// <summary>What a pod may read of itself: its fields, and the resources of its containers.</summary>
internal static class FieldValues
{
    /// <param name="addresses">The pod's own, once it has them.</param>
    public static string Field(Pod pod, string path, string hostAddress, IReadOnlyList<string> addresses) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.Namespace,
        "metadata.uid" => pod.Metadata.Uid,
        "metadata.labels" => Lines(pod.Metadata.Labels),
        "metadata.annotations" => Lines(pod.Metadata.Annotations),
        "spec.nodeName" => pod.Spec.NodeName,
        "status.hostIP" or "status.hostIPs" => hostAddress,
        "status.podIP" => addresses.Count > 0 ? addresses[0] : "",
        "status.podIPs" => string.Join(',', addresses),
        _ when KeyOf(path, "metadata.labels") is { } label => pod.Metadata.Labels.GetValueOrDefault(label, ""),
        _ when KeyOf(path, "metadata.annotations") is { } annotation => pod.Metadata.Annotations.GetValueOrDefault(annotation, ""),
        _ => throw new ConfigurationProblemException($"unsupported fieldPath: {path}"),
    };

    /// <summary>In units of the divisor, rounded up. Without a limit, it is all that the host has.</summary>
    public static string Resource(PodSpec spec, ResourceFieldSelector selector, string ownContainer)
    {
        var name = selector.ContainerName.Length > 0 ? selector.ContainerName : ownContainer;
        var container = PodContainers.All(spec).FirstOrDefault(container => container.Name == name)
            ?? throw new ConfigurationProblemException($"container \"{name}\" not found");
        var (list, resource) = selector.Resource.Split('.', 2) is [var first, var second] ? (first, second) : (selector.Resource, "");
        var amount = list == "requests" ? ResourceAmounts.Requested(container.Resources, resource) : ResourceAmounts.Of(container.Resources?.Limits, resource);
        if (list == "limits" && amount.IsZero) amount = OfHost(resource);
        var divisor = ResourceAmounts.Parse(selector.Divisor).MilliCeiling();
        if (divisor == 0) divisor = 1000;
        return (((Int128)amount.MilliCeiling() + divisor - 1) / divisor).ToString(CultureInfo.InvariantCulture);
    }

    private static Quantity OfHost(string resource) => resource switch
    {
        "cpu" => Quantity.FromInt64(Environment.ProcessorCount),
        "memory" => Quantity.FromBytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        _ => Quantity.Zero,
    };

    // metadata.labels['app']
    private static string? KeyOf(string path, string map) =>
        path.StartsWith($"{map}['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) && path.Length > map.Length + 4
            ? path[(map.Length + 2)..^2] : null;

    // One line for each, in the order of the keys: app="web"
    private static string Lines(MapField<string, string> pairs)
    {
        var lines = new StringBuilder();
        foreach (var (key, value) in pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (lines.Length > 0) lines.Append('\n');
            lines.Append(key).Append("=\"");
            foreach (var letter in value)
                lines.Append(letter switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => letter.ToString() });
            lines.Append('"');
        }

        return lines.ToString();
    }
}
