using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Kinds;

namespace Orchestrator.Silo.CustomKinds;

/// <summary>A definition is established by being created, if its names are free; it goes when the last object of its kind is gone.</summary>
internal sealed class DefinitionStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache)
    {
        var definition = (CustomResourceDefinition)obj;
        definition.Status = null;
        if (!definition.Metadata.Finalizers.Contains(DefinitionNames.Cleanup)) definition.Metadata.Finalizers.Add(DefinitionNames.Cleanup);
        DefinitionNames.Settle(definition, cache.Served, definition.Metadata.CreationTimestamp.ToDateTimeOffset());
    }

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => DefinitionRules.Check((CustomResourceDefinition)obj);

    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = ((CustomResourceDefinition)old, (CustomResourceDefinition)updated);
        DefinitionNames.FillIn(after.Spec.Names);
        // Only the collector of its objects knows when it may go.
        if (before.Metadata.Finalizers.Contains(DefinitionNames.Cleanup) && !after.Metadata.Finalizers.Contains(DefinitionNames.Cleanup))
            after.Metadata.Finalizers.Add(DefinitionNames.Cleanup);
        foreach (var version in after.Spec.Versions.Where(version => version.Storage && after.Status?.StoredVersions.Contains(version.Name) == false)) after.Status.StoredVersions.Add(version.Name);
    }

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var definition = (CustomResourceDefinition)updated;
        return DefinitionRules.Check(definition).Concat(DefinitionRules.CheckStored(definition));
    }

    /// <summary>Clients may say that a version is stored no more; the rest of the status is the system's.</summary>
    public override void PrepareForStatusUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((CustomResourceDefinition)old).Status?.Clone() ?? new CustomResourceDefinitionStatus(), ((CustomResourceDefinition)updated).Status);
        var kept = before.StoredVersions.Where(version => after?.StoredVersions.Contains(version) == true || ((CustomResourceDefinition)old).Spec.Versions.Any(one => one.Storage && one.Name == version)).ToArray();
        before.StoredVersions.Clear();
        before.StoredVersions.Add(kept);
        ((CustomResourceDefinition)updated).Status = before;
    }

    public override IReadOnlyList<string> Warnings(IMessage obj) => [.. DefinitionRules.WithoutEffect((CustomResourceDefinition)obj)];

    public override void BeginDeletion(IMessage obj)
    {
        var definition = (CustomResourceDefinition)obj;
        DefinitionNames.Set(
            definition.Status ??= new CustomResourceDefinitionStatus(), "Terminating", true, "InstanceDeletionPending",
            "CustomResource deletion is pending", definition.Metadata.DeletionTimestamp.ToDateTimeOffset());
    }
}
