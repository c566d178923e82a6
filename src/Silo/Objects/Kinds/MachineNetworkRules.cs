using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What a machine's networks must be, beyond what each field says of itself.</summary>
internal static class MachineNetworkRules
{
    private const string Default = "default";

    public static IEnumerable<FieldError> Check(VirtualMachineSpec spec)
    {
        for (var i = 0; i < spec.Networks.Count; i++)
        {
            var network = spec.Networks[i];
            if (network.Pod is null == (network.Segment.Length == 0))
                yield return Invalid($"spec.networks[{i}]", network.Name, "must have exactly one of pod and segment");
            else if (network.Pod is not null && spec.Networks.Take(i).Any(other => other.Pod is not null))
                yield return Invalid($"spec.networks[{i}].pod", network.Name, "a machine is on the pods' network once at most");
        }

        for (var i = 0; i < spec.Interfaces.Count; i++)
        {
            var card = spec.Interfaces[i];
            var network = spec.Networks.FirstOrDefault(network => network.Name == card.Name);
            if (network is null && !(spec.Networks.Count == 0 && card.Name == Default))
                yield return Invalid($"spec.interfaces[{i}].name", card.Name, "must be the name of one of spec.networks");
            else if (network is not { Pod: null } && card.Addresses.Count > 0)
                yield return Invalid($"spec.interfaces[{i}].addresses", card.Addresses[0], "on the pods' network addresses come from the host's pool");
            else if (card.Addresses.FirstOrDefault(address => address.Contains(':', StringComparison.Ordinal)) is { } other)
                yield return Invalid($"spec.interfaces[{i}].addresses", other, "must be IPv4");
        }
    }

    private static FieldError Invalid(string path, string value, string rule) => new(path, $"Invalid value \"{value}\": {rule}", "Invalid");
}
