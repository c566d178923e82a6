using System.Text.RegularExpressions;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.Objects.CoreV1;
using SourceKind = Orchestrator.Agents.V1.ConfigurationSource.Types.Kind;

namespace Orchestrator.NodeAgent.Configuration;

/// <summary>A container's variables at its start: first whole objects, then one by one. A later one wins, and a value may refer to those before it.</summary>
internal static partial class ContainerVariables
{
    /// <exception cref="ConfigurationProblemException">An object or a key of it is missing.</exception>
    public static IReadOnlyDictionary<string, string> Of(
        DesiredWorkload workload, Container container, string hostAddress, IReadOnlyList<string> addresses)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.EnvFrom)
        {
            var all = source.SecretRef is { } secret
                ? workload.Sources.All(SourceKind.Secret, secret.Name, secret.Optional)
                : workload.Sources.All(SourceKind.ConfigMap, source.ConfigMapRef.Name, source.ConfigMapRef.Optional);
            // A key that can't name a variable is left out, as kubelet does.
            foreach (var (key, value) in all ?? [])
                if (VariableName().IsMatch(source.Prefix + key)) known[source.Prefix + key] = value.ToStringUtf8();
        }

        foreach (var variable in container.Env)
        {
            var value = variable.ValueFrom is { } from
                ? ValueFrom(workload, from, container.Name, hostAddress, addresses)
                : VariableReferences.Expand(variable.Value, known);
            if (value is not null) known[variable.Name] = value;
        }

        return known;
    }

    private static string? ValueFrom(DesiredWorkload workload, EnvVarSource from, string container, string hostAddress, IReadOnlyList<string> addresses)
    {
        var (pod, sources) = (workload.Pod!, workload.Sources);
        if (from.FieldRef is { } field) return FieldValues.Field(pod, field.FieldPath, hostAddress, addresses);
        if (from.ResourceFieldRef is { } resource) return FieldValues.Resource(pod.Spec, resource, container);
        if (from.ConfigMapKeyRef is { } configMap) return sources.Find(SourceKind.ConfigMap, configMap.Name, configMap.Key, configMap.Optional)?.ToStringUtf8();
        return from.SecretKeyRef is { } secret ? sources.Find(SourceKind.Secret, secret.Name, secret.Key, secret.Optional)?.ToStringUtf8() : null;
    }

    [GeneratedRegex("^[-._a-zA-Z][-._a-zA-Z0-9]*$")]
    private static partial Regex VariableName();
}
