using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>The range of a host's pods is the control plane's to give, so that no two hosts have the same.</summary>
internal sealed class NodeStrategy : KindStrategy
{
    private const string Path = "spec.podCIDR";

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => ((Node)obj).Spec is { } spec && (spec.PodCidr.Length > 0 || spec.PodCidrs.Count > 0)
        ? [new FieldError(Path, "Forbidden: the control plane gives each host its range; leave it out", FieldReasons.Forbidden)]
        : [];

    /// <summary>Where the manifest leaves it out, it stays.</summary>
    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        if (((Node)old).Spec is not { PodCidr.Length: > 0 } before) return;
        var after = ((Node)updated).Spec ??= new NodeSpec();
        if (after.PodCidr.Length == 0) after.PodCidr = before.PodCidr;
        if (after.PodCidrs.Count == 0) after.PodCidrs.Add(before.PodCidrs);
    }

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((Node)old).Spec ?? new NodeSpec(), ((Node)updated).Spec ?? new NodeSpec());
        return before.PodCidr == after.PodCidr && before.PodCidrs.Equals(after.PodCidrs)
            ? []
            : [new FieldError(Path, $"Forbidden: the control plane has given \"{before.PodCidr}\", and it stays until the Node is deleted", FieldReasons.Forbidden)];
    }
}
