using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What the containers of a pod must keep to, each alone and all together.</summary>
internal static class PodContainerRules
{
    /// <summary>Init containers and containers; none if there is no spec.</summary>
    public static IEnumerable<Container> All(PodSpec? spec) => spec is null ? [] : spec.InitContainers.Concat(spec.Containers);

    public static IEnumerable<FieldError> Check(PodSpec spec)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var all = spec.InitContainers.Select((container, i) => (Container: container, Path: $"spec.initContainers[{i}]", RunsOn: container.RestartPolicy == "Always"))
            .Concat(spec.Containers.Select((container, i) => (Container: container, Path: $"spec.containers[{i}]", RunsOn: true)));
        foreach (var (container, path, runsOn) in all)
        {
            // Within one list the definition sees to it.
            if (!seen.Add(container.Name)) yield return new FieldError($"{path}.name", $"Duplicate value \"{container.Name}\": an init container has this name", FieldReasons.Duplicate);
            foreach (var error in RequestsWithinLimits(container, path)) yield return error;
            foreach (var error in ProbeRules.Check(container, path, runsOn)) yield return error;
            foreach (var error in VolumeRules.Check(container, spec, path)) yield return error;
        }

        foreach (var error in VolumeRules.Check(spec)) yield return error;
        if (spec.DnsPolicy == "None" && spec.DnsConfig is not { Nameservers.Count: > 0 })
            yield return new FieldError("spec.dnsConfig.nameservers", "Required value: where dnsPolicy is None, at least one", FieldReasons.Required);
        for (var i = 0; i < spec.Containers.Count; i++)
            if (spec.Containers[i].RestartPolicy.Length > 0)
                yield return new FieldError($"spec.containers[{i}].restartPolicy", "Forbidden: only an init container may have one", FieldReasons.Forbidden);
    }

    private static IEnumerable<FieldError> RequestsWithinLimits(Container container, string path)
    {
        if (container.Resources is not { } resources) yield break;
        foreach (var (name, limit) in resources.Limits)
        {
            if (QualityOfService.Exceeds(resources.Requests.GetValueOrDefault(name), limit))
                yield return new FieldError(
                    $"{path}.resources.requests.{name}",
                    $"Invalid value \"{resources.Requests[name]}\": must be less than or equal to the {name} limit of {limit}", FieldReasons.Invalid);
        }
    }
}
