using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What a pod's volumes, its containers' mounts of them and their variables must keep to beyond the forms of their fields.</summary>
internal static class VolumeRules
{
    private static readonly string[] FileFields = ["metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"];

    private static readonly string[] VariableFields =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

    public static IEnumerable<FieldError> Check(PodSpec spec) => spec.Volumes.SelectMany((volume, i) => Check(volume, $"spec.volumes[{i}]"));

    /// <summary>One container's mounts and variables.</summary>
    public static IEnumerable<FieldError> Check(Container container, PodSpec spec, string path) =>
        container.VolumeMounts.SelectMany((mount, i) => Check(mount, spec, $"{path}.volumeMounts[{i}]"))
            .Concat(container.Env.SelectMany((variable, i) => Check(variable, $"{path}.env[{i}]")))
            .Concat(container.EnvFrom.SelectMany((source, i) => OneOf(
                $"{path}.envFrom[{i}]", "configMapRef or secretRef", source.ConfigMapRef, source.SecretRef)));

    private static IEnumerable<FieldError> Check(Volume volume, string path)
    {
        foreach (var error in OneOf(
            path, "emptyDir, hostPath, configMap, secret, projected or downwardAPI",
            volume.EmptyDir, volume.HostPath, volume.ConfigMap, volume.Secret, volume.Projected, volume.DownwardApi)) yield return error;
        if (volume.HostPath?.Path is { } place && place.Split('/').Contains(".."))
            yield return new FieldError($"{path}.hostPath.path", $"Invalid value \"{place}\": must not contain '..'", FieldReasons.Invalid);
        var files = Items(volume.ConfigMap?.Items, $"{path}.configMap.items")
            .Concat(Items(volume.Secret?.Items, $"{path}.secret.items"))
            .Concat(Items(volume.DownwardApi?.Items, $"{path}.downwardAPI.items"))
            .Concat((volume.Projected?.Sources ?? []).SelectMany((source, i) => Check(source, $"{path}.projected.sources[{i}]")));
        foreach (var error in files) yield return error;
    }

    private static IEnumerable<FieldError> Check(VolumeProjection source, string path) =>
        OneOf(path, "secret, configMap or downwardAPI", source.Secret, source.ConfigMap, source.DownwardApi)
            .Concat(Items(source.Secret?.Items, $"{path}.secret.items"))
            .Concat(Items(source.ConfigMap?.Items, $"{path}.configMap.items"))
            .Concat(Items(source.DownwardApi?.Items, $"{path}.downwardAPI.items"));

    private static IEnumerable<FieldError> Items(IEnumerable<KeyToPath>? items, string path) =>
        (items ?? []).SelectMany((item, i) => Within(item.Path, $"{path}[{i}].path"));

    private static IEnumerable<FieldError> Items(IEnumerable<DownwardAPIVolumeFile>? items, string path) =>
        (items ?? []).SelectMany((item, i) => Within(item.Path, $"{path}[{i}].path")
            .Concat(OneOf($"{path}[{i}]", "fieldRef or resourceFieldRef", item.FieldRef, item.ResourceFieldRef))
            .Concat(Field(item.FieldRef, FileFields, $"{path}[{i}].fieldRef.fieldPath"))
            .Concat(item.ResourceFieldRef is { ContainerName.Length: 0 }
                ? [new FieldError($"{path}[{i}].resourceFieldRef.containerName", "Required value", FieldReasons.Required)] : []));

    private static IEnumerable<FieldError> Check(VolumeMount mount, PodSpec spec, string path)
    {
        if (spec.Volumes.All(volume => volume.Name != mount.Name))
            yield return new FieldError($"{path}.name", $"Not found: \"{mount.Name}\" is not among spec.volumes", FieldReasons.NotFound);
        if (mount.MountPath.Contains(':', StringComparison.Ordinal))
            yield return new FieldError($"{path}.mountPath", $"Invalid value \"{mount.MountPath}\": must not contain ':'", FieldReasons.Invalid);
        if (mount.SubPath.Length > 0)
            foreach (var error in Within(mount.SubPath, $"{path}.subPath")) yield return error;
    }

    private static IEnumerable<FieldError> Check(EnvVar variable, string path)
    {
        if (variable.ValueFrom is not { } source) yield break;
        if (variable.Value.Length > 0)
            yield return new FieldError($"{path}.valueFrom", "Forbidden: may not be specified when `value` is not empty", FieldReasons.Forbidden);
        var errors = OneOf($"{path}.valueFrom", "fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef",
                source.FieldRef, source.ResourceFieldRef, source.ConfigMapKeyRef, source.SecretKeyRef)
            .Concat(Field(source.FieldRef, VariableFields, $"{path}.valueFrom.fieldRef.fieldPath"));
        foreach (var error in errors) yield return error;
    }

    private static IEnumerable<FieldError> Field(ObjectFieldSelector? selector, string[] allowed, string path)
    {
        if (selector is null || allowed.Contains(selector.FieldPath)) yield break;
        // metadata.labels['app']
        if (selector.FieldPath.EndsWith("']", StringComparison.Ordinal)
            && (selector.FieldPath.StartsWith("metadata.labels['", StringComparison.Ordinal)
                || selector.FieldPath.StartsWith("metadata.annotations['", StringComparison.Ordinal))) yield break;
        yield return new FieldError(
            path, $"Unsupported value \"{selector.FieldPath}\": must be one of {string.Join(", ", allowed)}, metadata.labels['KEY'], metadata.annotations['KEY']",
            FieldReasons.NotSupported);
    }

    private static IEnumerable<FieldError> Within(string relative, string path)
    {
        if (relative.StartsWith('/'))
            yield return new FieldError(path, $"Invalid value \"{relative}\": must be a relative path", FieldReasons.Invalid);
        var segments = relative.Split('/');
        if (segments.Contains("..") || segments[0].StartsWith("..", StringComparison.Ordinal))
            yield return new FieldError(path, $"Invalid value \"{relative}\": must not contain '..'", FieldReasons.Invalid);
    }

    private static IEnumerable<FieldError> OneOf(string path, string names, params object?[] sources)
    {
        var given = sources.Count(source => source is not null);
        if (given == 0) yield return new FieldError(path, $"Required value: must specify one of {names}", FieldReasons.Required);
        if (given > 1) yield return new FieldError(path, $"Forbidden: may not specify more than one of {names}", FieldReasons.Forbidden);
    }
}
