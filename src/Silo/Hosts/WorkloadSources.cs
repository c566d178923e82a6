using Google.Protobuf;
using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Workloads;
using SourceKind = Orchestrator.Agents.V1.ConfigurationSource.Types.Kind;

namespace Orchestrator.Silo.Hosts;

/// <summary>
/// What a workload is made of beside its own object: the ConfigMaps and Secrets that a pod names, the Secret and the type that a machine names.
/// They go to its host with it, and to no other host.
/// </summary>
internal sealed class WorkloadSources(ObjectCache cache)
{
    public static readonly Kind ConfigMaps = KindCatalog.Of<ConfigMap>();
    public static readonly Kind Secrets = KindCatalog.Of<Secret>();

    /// <summary>The configuration that exists, each once. A machine's type is in the machine that its host gets.</summary>
    public IEnumerable<ConfigurationSource> Of(StoredObject workload) => Found(workload).Where(source => source.Kind != MachineSizes.Types).Select(Encode);

    public SourcesVersion VersionOf(StoredObject workload)
    {
        var version = default(SourcesVersion);
        foreach (var source in Found(workload)) version = new(version.Count + 1, Math.Max(version.Newest, source.Revision.Value));
        return version;
    }

    /// <summary>The workloads on a host that name this ConfigMap or Secret; the machines, on a host or not yet, that name this type.</summary>
    public IEnumerable<StoredObject> Readers(ObjectKey source)
    {
        if (source.Resource == MachineSizes.Types.Resource)
            return cache[WorkloadGrains.Machines].Current.Objects.Where(vm => vm.As<VirtualMachine>().Spec.MachineTypeName == source.Name);
        var named = (source.Resource == Secrets.Resource ? SourceKind.Secret : SourceKind.ConfigMap, source.Name);
        return cache[WorkloadGrains.Pods].Current.In(source.Namespace).Concat(cache[WorkloadGrains.Machines].Current.In(source.Namespace))
            .Where(workload => WorkloadState.Of(workload) is { Bound: true, Ended: false } && Named(workload).Contains(named));
    }

    public static IEnumerable<(SourceKind Kind, string Name)> Named(PodSpec spec) =>
        spec.Volumes.SelectMany(NamedBy).Concat(spec.InitContainers.Concat(spec.Containers).SelectMany(NamedBy)).Distinct();

    private static IEnumerable<(SourceKind Kind, string Name)> Named(StoredObject workload) => workload.Message switch
    {
        Pod pod => Named(pod.Spec),
        VirtualMachine { Spec.CloudInit.SecretName: { Length: > 0 } secret } => [(SourceKind.Secret, secret)],
        _ => [],
    };

    private IEnumerable<StoredObject> Found(StoredObject workload)
    {
        var named = Named(workload).Select(named => cache[named.Kind == SourceKind.Secret ? Secrets : ConfigMaps].Find(workload.Key.Namespace, named.Name));
        var type = workload.Message is VirtualMachine { Spec.MachineTypeName: { Length: > 0 } name } ? cache[MachineSizes.Types].Find("", name) : null;
        return named.Append(type).OfType<StoredObject>();
    }

    private static IEnumerable<(SourceKind, string)> NamedBy(Volume volume)
    {
        if (volume.ConfigMap is { } configMap) yield return (SourceKind.ConfigMap, configMap.Name);
        if (volume.Secret is { } secret) yield return (SourceKind.Secret, secret.SecretName);
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            if (source.ConfigMap is { } projectedMap) yield return (SourceKind.ConfigMap, projectedMap.Name);
            if (source.Secret is { } projectedSecret) yield return (SourceKind.Secret, projectedSecret.Name);
        }
    }

    private static IEnumerable<(SourceKind, string)> NamedBy(Container container)
    {
        foreach (var source in container.EnvFrom)
        {
            if (source.ConfigMapRef is { } configMap) yield return (SourceKind.ConfigMap, configMap.Name);
            if (source.SecretRef is { } secret) yield return (SourceKind.Secret, secret.Name);
        }

        foreach (var source in container.Env.Select(variable => variable.ValueFrom))
        {
            if (source?.ConfigMapKeyRef is { } configMap) yield return (SourceKind.ConfigMap, configMap.Name);
            if (source?.SecretKeyRef is { } secret) yield return (SourceKind.Secret, secret.Name);
        }
    }

    private static ConfigurationSource Encode(StoredObject source)
    {
        var encoded = new ConfigurationSource { Name = source.Key.Name };
        if (source.Message is Secret secret)
        {
            encoded.Kind = SourceKind.Secret;
            encoded.Data.Add(secret.Data);
            return encoded;
        }

        var configMap = source.As<ConfigMap>();
        foreach (var (key, text) in configMap.Data) encoded.Data[key] = ByteString.CopyFromUtf8(text);
        foreach (var (key, bytes) in configMap.BinaryData) encoded.Data[key] = bytes;
        return encoded;
    }
}

/// <summary>Differs whenever one of a workload's sources came, changed or went: revisions only grow, and one that goes lowers the count.</summary>
internal readonly record struct SourcesVersion(int Count, long Newest);
