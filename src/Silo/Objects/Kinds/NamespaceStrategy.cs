using Google.Protobuf;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>A namespace stays, terminating, until its grain has emptied it.</summary>
internal sealed class NamespaceStrategy : KindStrategy
{
    public const string Default = "default";

    public override void PrepareForCreate(IMessage obj, ObjectCache cache)
    {
        var ns = (Namespace)obj;
        ns.Spec ??= new NamespaceSpec();
        if (!ns.Spec.Finalizers.Contains("kubernetes")) ns.Spec.Finalizers.Add("kubernetes");
        ns.Status = new NamespaceStatus { Phase = "Active" };
    }

    public override void PrepareForUpdate(IMessage old, IMessage updated) => ((Namespace)updated).Spec = ((Namespace)old).Spec?.Clone();

    public override long? GraceSeconds(StoredObject obj, long? requested) => 0;

    public override void BeginDeletion(IMessage obj) => ((Namespace)obj).Status = new NamespaceStatus { Phase = "Terminating" };

    public override string? RefuseDeletion(StoredObject obj) =>
        obj.Key.Name == Default ? "namespaces \"default\" is forbidden: this namespace may not be deleted" : null;
}
