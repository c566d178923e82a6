using System.Collections.Frozen;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.VirtV1;

using Orchestrator.Silo.CustomKinds;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>Which strategy a kind has.</summary>
internal sealed class KindStrategies
{
    private static readonly KindStrategy Plain = new();

    private readonly FrozenDictionary<ResourceId, KindStrategy> _special = new Dictionary<ResourceId, KindStrategy>
    {
        [KindCatalog.Of<Pod>().Resource] = new PodStrategy(),
        [KindCatalog.Of<VirtualMachine>().Resource] = new VirtualMachineStrategy(),
        [KindCatalog.Of<Node>().Resource] = new NodeStrategy(),
        [KindCatalog.Of<Namespace>().Resource] = new NamespaceStrategy(),
        [KindCatalog.Of<ConfigMap>().Resource] = new ConfigMapStrategy(),
        [KindCatalog.Of<Secret>().Resource] = new SecretStrategy(),
        [KindCatalog.Of<LimitRange>().Resource] = new LimitRangeStrategy(),
        [KindCatalog.Of<Service>().Resource] = new ServiceStrategy(),
        [KindCatalog.Of<EndpointSlice>().Resource] = new EndpointSliceStrategy(),
        [KindCatalog.Of<PersistentVolume>().Resource] = new PersistentVolumeStrategy(),
        [KindCatalog.Of<PersistentVolumeClaim>().Resource] = new PersistentVolumeClaimStrategy(),
        [KindCatalog.Of<Deployment>().Resource] = ControllerStrategies.Deployment,
        [KindCatalog.Of<ReplicaSet>().Resource] = ControllerStrategies.ReplicaSet,
        [KindCatalog.Of<StatefulSet>().Resource] = ControllerStrategies.StatefulSet,
        [KindCatalog.Of<DaemonSet>().Resource] = ControllerStrategies.DaemonSet,
        [KindCatalog.Of<CustomResourceDefinition>().Resource] = new DefinitionStrategy(),
        [KindCatalog.Of<Job>().Resource] = new JobStrategy(),
        [KindCatalog.Of<CronJob>().Resource] = new CronJobStrategy(),
    }.ToFrozenDictionary();

    public KindStrategy For(Kind kind) => _special.GetValueOrDefault(kind.Resource, Plain);
}
