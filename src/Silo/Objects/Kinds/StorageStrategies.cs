using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>Volumes and claims begin unbound; a claim may only grow.</summary>
internal sealed class PersistentVolumeClaimStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => ((PersistentVolumeClaim)obj).Status = new PersistentVolumeClaimStatus { Phase = "Pending" };

    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((PersistentVolumeClaim)old).Spec, ((PersistentVolumeClaim)updated).Spec);
        if (after.VolumeName.Length == 0) after.VolumeName = before.VolumeName;
        if (!after.HasStorageClassName && before.HasStorageClassName) after.StorageClassName = before.StorageClassName;
    }

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache)
    {
        if (!((PersistentVolumeClaim)obj).Spec.Resources.Requests.ContainsKey("storage"))
            yield return new FieldError("spec.resources.requests.storage", "Required value", FieldReasons.Required);
    }

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var before = ((PersistentVolumeClaim)old).Spec.Clone();
        var after = ((PersistentVolumeClaim)updated).Spec;
        before.Resources = after.Resources;
        if (before.VolumeName.Length == 0) before.VolumeName = after.VolumeName;
        if (!before.Equals(after))
            yield return new FieldError("spec", "Forbidden: spec is immutable after creation except resources.requests for bound claims", FieldReasons.Forbidden);
    }
}

internal sealed class PersistentVolumeStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => ((PersistentVolume)obj).Status = new PersistentVolumeStatus { Phase = "Pending" };

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache)
    {
        var spec = ((PersistentVolume)obj).Spec;
        var sources = new object?[] { spec.HostPath, spec.Local, spec.Nfs, spec.Csi }.Count(source => source is not null);
        if (sources != 1) yield return new FieldError("spec", $"{(sources == 0 ? "Required value: must" : "Forbidden: may not")} specify {(sources == 0 ? "a" : "more than 1")} volume type (hostPath, local, nfs, csi)", sources == 0 ? FieldReasons.Required : FieldReasons.Forbidden);
        if (!spec.Capacity.ContainsKey("storage")) yield return new FieldError("spec.capacity.storage", "Required value", FieldReasons.Required);
    }
}
