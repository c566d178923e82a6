using Google.Protobuf.Collections;
using Orchestrator.Contracts.Values;

namespace Orchestrator.NodeAgent.Drivers;

/// <summary>Reads the amounts of a resource list. The API has checked them; what it can't have let through counts as absent.</summary>
internal static class ResourceAmounts
{
    public static Quantity Of(MapField<string, string>? resources, string name)
        => resources is not null && resources.TryGetValue(name, out var text) ? Parse(text) : Quantity.Zero;

    /// <summary>What is requested; a limit alone is a request of as much.</summary>
    public static Quantity Requested(Objects.CoreV1.ResourceRequirements? resources, string name)
        => resources?.Requests.ContainsKey(name) == true ? Of(resources.Requests, name) : Of(resources?.Limits, name);

    public static Quantity Parse(string text) => Quantity.TryParse(text, out var amount) && !amount.IsNegative ? amount : Quantity.Zero;
}
