using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Objects;

/// <summary>The metadata that only the system writes.</summary>
internal static class SystemMetadata
{
    /// <summary>Whatever a client has sent of it, the present object's stays.</summary>
    public static void Keep(ObjectMeta present, ObjectMeta updated)
    {
        updated.Namespace = present.Namespace;
        updated.Name = present.Name;
        updated.GenerateName = present.GenerateName;
        updated.Uid = present.Uid;
        updated.ResourceVersion = present.ResourceVersion;
        updated.Generation = present.Generation;
        updated.CreationTimestamp = present.CreationTimestamp;
        updated.DeletionTimestamp = present.DeletionTimestamp;
        updated.ManagedFields.Clear();
        updated.ManagedFields.Add(present.ManagedFields.Select(entry => entry.Clone()));
        if (present.HasDeletionGracePeriodSeconds) updated.DeletionGracePeriodSeconds = present.DeletionGracePeriodSeconds;
        else updated.ClearDeletionGracePeriodSeconds();
    }
}
