using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.AutoscalingV2;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.CoordinationV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.PolicyV1;
using Orchestrator.Objects.RbacV1;
using Orchestrator.Objects.SchedulingV1;
using Orchestrator.Objects.SchedulingXV1;
using Orchestrator.Objects.StorageV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Contracts.Kinds;

/// <summary>The kinds that are built in, read from the object definitions. Which kinds a silo serves beside them, its cache knows.</summary>
public static class KindCatalog
{
    private static readonly FileDescriptor[] Definitions =
    [
        NamespaceReflection.Descriptor, NodeReflection.Descriptor, PodReflection.Descriptor, EventReflection.Descriptor,
        ConfigmapReflection.Descriptor, SecretReflection.Descriptor, ServiceReflection.Descriptor, EndpointsReflection.Descriptor,
        ServiceaccountReflection.Descriptor, ResourcequotaReflection.Descriptor, LimitrangeReflection.Descriptor,
        PersistentvolumeReflection.Descriptor, PersistentvolumeclaimReflection.Descriptor, StorageclassReflection.Descriptor,
        DeploymentReflection.Descriptor, ReplicasetReflection.Descriptor, StatefulsetReflection.Descriptor, DaemonsetReflection.Descriptor,
        JobReflection.Descriptor, CronjobReflection.Descriptor, EndpointsliceReflection.Descriptor, HorizontalpodautoscalerReflection.Descriptor,
        RolesReflection.Descriptor, LeaseReflection.Descriptor, CustomresourcedefinitionReflection.Descriptor,
        RuntimeclassReflection.Descriptor, PriorityclassReflection.Descriptor, PoddisruptionbudgetReflection.Descriptor, PodgroupReflection.Descriptor,
        VirtualmachineReflection.Descriptor, MachineimageReflection.Descriptor, MachinetypeReflection.Descriptor,
    ];

    private static readonly FrozenDictionary<string, Kind> ByMessage;

    static KindCatalog()
    {
        BuiltIn = new KindSet(Definitions.SelectMany(file => file.MessageTypes)
            .Where(message => message.GetOptions()?.HasExtension(RulesExtensions.Kind) == true)
            .Select(message => new Kind(message, message.GetOptions().GetExtension(RulesExtensions.Kind))));
        ByMessage = All.ToFrozenDictionary(kind => kind.Descriptor.FullName);
    }

    public static KindSet BuiltIn { get; }

    public static IReadOnlyList<Kind> All => BuiltIn.All;

    public static Kind? Find(string apiVersion, string kind) => BuiltIn.Find(apiVersion, kind);

    public static Kind? Find(ResourceId resource) => BuiltIn.Find(resource);

    public static Kind? Find(MessageDescriptor descriptor) => ByMessage.GetValueOrDefault(descriptor.FullName);

    /// <summary>The kind of a message type that is one.</summary>
    public static Kind Of<T>() where T : IMessage<T>, new() => ByMessage[new T().Descriptor.FullName];

    /// <summary>The kind of a message that is one.</summary>
    public static Kind Of(IMessage obj) => ByMessage[obj.Descriptor.FullName];
}
