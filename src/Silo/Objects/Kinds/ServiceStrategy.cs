using System.Net;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

internal sealed class ServiceStrategy : KindStrategy
{
    private const string Headless = "None";

    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => FillIn(((Service)obj).Spec);

    /// <summary>An address that was given stays where the manifest leaves it out.</summary>
    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((Service)old).Spec, ((Service)updated).Spec);
        if (after.ClusterIp.Length == 0 && after.Type != "ExternalName")
        {
            after.ClusterIp = before.ClusterIp;
            if (after.ClusterIps.Count == 0) after.ClusterIps.Add(before.ClusterIps);
        }

        FillIn(after);
    }

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => Check(((Service)obj).Spec);

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((Service)old).Spec, ((Service)updated).Spec);
        foreach (var error in Check(after)) yield return error;
        if (before.ClusterIp.Length > 0 && after.ClusterIp != before.ClusterIp && after.Type != "ExternalName" && before.Type != "ExternalName")
            yield return new FieldError("spec.clusterIP", $"Invalid value \"{after.ClusterIp}\": field is immutable", FieldReasons.Invalid);
    }

    private static IEnumerable<FieldError> Check(ServiceSpec spec)
    {
        if (spec.Type == "ExternalName" && spec.ExternalName.Length == 0) yield return new FieldError("spec.externalName", "Required value", FieldReasons.Required);
        if (spec.Ports.Count == 0 && spec.Type != "ExternalName" && spec.ClusterIp != Headless) yield return new FieldError("spec.ports", "Required value", FieldReasons.Required);
        if (spec.ClusterIp.Length > 0 && spec.ClusterIp != Headless && !IPAddress.TryParse(spec.ClusterIp, out _))
            yield return new FieldError("spec.clusterIP", $"Invalid value \"{spec.ClusterIp}\": must be an IP address or \"None\"", FieldReasons.Invalid);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Ports.Count && spec.Ports.Count > 1; i++)
        {
            if (spec.Ports[i].Name.Length == 0) yield return new FieldError($"spec.ports[{i}].name", "Required value: several ports have names", FieldReasons.Required);
            else if (!names.Add(spec.Ports[i].Name)) yield return new FieldError($"spec.ports[{i}].name", $"Duplicate value \"{spec.Ports[i].Name}\"", FieldReasons.Duplicate);
        }
    }

    private static void FillIn(ServiceSpec spec)
    {
        foreach (var port in spec.Ports)
        {
            if (port.TargetPort is null || port.TargetPort.Equals(new IntOrString { IntValue = 0 })) port.TargetPort = new IntOrString { IntValue = port.Port };
        }

        if (spec.ClusterIps.Count == 0 && spec.ClusterIp.Length > 0) spec.ClusterIps.Add(spec.ClusterIp);
        if (spec.Type is "NodePort" or "LoadBalancer" && spec.ExternalTrafficPolicy.Length == 0) spec.ExternalTrafficPolicy = "Cluster";
        if (spec.Type == "LoadBalancer" && !spec.HasAllocateLoadBalancerNodePorts) spec.AllocateLoadBalancerNodePorts = true;
        if (spec.SessionAffinity == "ClientIP")
        {
            spec.SessionAffinityConfig ??= new SessionAffinityConfig();
            spec.SessionAffinityConfig.ClientIp ??= new ClientIPConfig();
            if (!spec.SessionAffinityConfig.ClientIp.HasTimeoutSeconds) spec.SessionAffinityConfig.ClientIp.TimeoutSeconds = 10800;
        }
    }
}
