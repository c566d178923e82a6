using System.Collections.Frozen;
using System.Globalization;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.AutoscalingV2;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.CoordinationV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.RbacV1;
using Orchestrator.Objects.StorageV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>The table of each kind, with kubectl's columns where kubectl has the kind.</summary>
internal static class TableLayouts
{
    private static readonly FrozenDictionary<ResourceId, TableLayout> Special = new Dictionary<ResourceId, TableLayout>
    {
        [KindCatalog.Of<Pod>().Resource] = PodTable.Layout,
        [KindCatalog.Of<Node>().Resource] = NodeTable.Layout,
        [KindCatalog.Of<Event>().Resource] = EventTable.Layout,
        [KindCatalog.Of<VirtualMachine>().Resource] = MachineTable.Layout,
        [KindCatalog.Of<Namespace>().Resource] = new([
            TableLayout.Name, new Column("Status", "string", (obj, _) => obj.As<Namespace>().Status?.Phase ?? ""), TableLayout.Age]),
        [KindCatalog.Of<RuntimeClass>().Resource] = new([
            TableLayout.Name, new Column("Handler", "string", (obj, _) => obj.As<RuntimeClass>().Handler), TableLayout.Age]),
        [KindCatalog.Of<MachineImage>().Resource] = new([
            TableLayout.Name, new Column("Image", "string", (obj, _) => obj.As<MachineImage>().Spec.Image), TableLayout.Age]),
        [KindCatalog.Of<MachineType>().Resource] = new([
            TableLayout.Name,
            new Column("Cpus", "integer", (obj, _) => obj.As<MachineType>().Spec.Cpus.ToString()),
            new Column("Memory", "string", (obj, _) => obj.As<MachineType>().Spec.Memory),
            TableLayout.Age]),
        [KindCatalog.Of<ConfigMap>().Resource] = ConfigurationTables.ConfigMap,
        [KindCatalog.Of<Secret>().Resource] = ConfigurationTables.Secret,
        [KindCatalog.Of<ServiceAccount>().Resource] = ConfigurationTables.ServiceAccount,
        [KindCatalog.Of<ResourceQuota>().Resource] = ConfigurationTables.ResourceQuota,
        [KindCatalog.Of<LimitRange>().Resource] = ConfigurationTables.LimitRange,
        [KindCatalog.Of<PersistentVolume>().Resource] = ConfigurationTables.PersistentVolume,
        [KindCatalog.Of<PersistentVolumeClaim>().Resource] = ConfigurationTables.PersistentVolumeClaim,
        [KindCatalog.Of<StorageClass>().Resource] = ConfigurationTables.StorageClass,
        [KindCatalog.Of<Service>().Resource] = NetworkTables.Service,
        [KindCatalog.Of<Endpoints>().Resource] = NetworkTables.Endpoints,
        [KindCatalog.Of<EndpointSlice>().Resource] = NetworkTables.EndpointSlice,
        [KindCatalog.Of<Deployment>().Resource] = ControllerTables.Deployment,
        [KindCatalog.Of<ReplicaSet>().Resource] = ControllerTables.ReplicaSet,
        [KindCatalog.Of<StatefulSet>().Resource] = ControllerTables.StatefulSet,
        [KindCatalog.Of<DaemonSet>().Resource] = ControllerTables.DaemonSet,
        [KindCatalog.Of<Job>().Resource] = ControllerTables.Job,
        [KindCatalog.Of<CronJob>().Resource] = ControllerTables.CronJob,
        [KindCatalog.Of<HorizontalPodAutoscaler>().Resource] = ControllerTables.Autoscaler,
        [KindCatalog.Of<RoleBinding>().Resource] = new([
            TableLayout.Name, new Column("Role", "string", (obj, _) => Role(obj.As<RoleBinding>().RoleRef)), TableLayout.Age]),
        [KindCatalog.Of<ClusterRoleBinding>().Resource] = new([
            TableLayout.Name, new Column("Role", "string", (obj, _) => Role(obj.As<ClusterRoleBinding>().RoleRef)), TableLayout.Age]),
        [KindCatalog.Of<CustomResourceDefinition>().Resource] = new([
            TableLayout.Name, new Column("Created At", "date", (obj, _) => obj.Metadata.CreationTimestamp.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))]),
        [KindCatalog.Of<Lease>().Resource] = new([
            TableLayout.Name, new Column("Holder", "string", (obj, _) => obj.As<Lease>().Spec?.HolderIdentity ?? ""), TableLayout.Age]),
    }.ToFrozenDictionary();

    private static string Role(RoleRef role) => $"{role.Kind}/{role.Name}";

    public static TableLayout For(Kind kind) => kind.Custom is null ? Special.GetValueOrDefault(kind.Resource, TableLayout.Plain) : CustomTable.Of(kind);
}
