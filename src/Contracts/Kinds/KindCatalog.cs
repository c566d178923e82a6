using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
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

/// <summary>Every kind that the product knows, read from the object definitions.</summary>
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
        RolesReflection.Descriptor, LeaseReflection.Descriptor,
        RuntimeclassReflection.Descriptor, PriorityclassReflection.Descriptor, PoddisruptionbudgetReflection.Descriptor, PodgroupReflection.Descriptor,
        VirtualmachineReflection.Descriptor, MachineimageReflection.Descriptor, MachinetypeReflection.Descriptor,
    ];

    private static readonly FrozenDictionary<(string ApiVersion, string Kind), Kind> ByName;
    private static readonly FrozenDictionary<ResourceId, Kind> ByResource;
    private static readonly FrozenDictionary<string, Kind> ByMessage;

    static KindCatalog()
    {
        All = Definitions.SelectMany(file => file.MessageTypes)
            .Where(message => message.GetOptions()?.HasExtension(RulesExtensions.Kind) == true)
            .Select(message => new Kind(message, message.GetOptions().GetExtension(RulesExtensions.Kind)))
            .OrderBy(kind => kind.Resource).ToArray();
        ByName = All.ToFrozenDictionary(kind => (kind.ApiVersion, kind.Name));
        ByResource = All.ToFrozenDictionary(kind => kind.Resource);
        ByMessage = All.ToFrozenDictionary(kind => kind.Descriptor.FullName);
    }

    public static IReadOnlyList<Kind> All { get; }

    public static Kind? Find(string apiVersion, string kind) => ByName.GetValueOrDefault((apiVersion, kind));

    public static Kind? Find(ResourceId resource) => ByResource.GetValueOrDefault(resource);

    public static Kind? Find(MessageDescriptor descriptor) => ByMessage.GetValueOrDefault(descriptor.FullName);

    /// <summary>The kind of a message type that is one.</summary>
    public static Kind Of<T>() where T : IMessage<T>, new() => ByMessage[new T().Descriptor.FullName];

    /// <summary>The kind of a message that is one.</summary>
    public static Kind Of(IMessage obj) => ByMessage[obj.Descriptor.FullName];
}
