using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Ownership;

/// <summary>The reference by which an object goes with the one that has made it.</summary>
internal static class ControllerReference
{
    public static OwnerReference To(StoredObject owner) => new()
    {
        ApiVersion = owner.Kind.ApiVersion,
        Kind = owner.Kind.Name,
        Name = owner.Key.Name,
        Uid = owner.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
