using System.Net;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking.Endpoints;
using Orchestrator.Silo.Networking.Services;

namespace Orchestrator.Silo.Objects.Kinds;

internal sealed class ServiceStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => FillIn(((Service)obj).Spec);

    /// <summary>What was given stays where the manifest leaves it out, and goes where the new type has no such thing.</summary>
    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((Service)old).Spec, ((Service)updated).Spec);
        if (ServiceTypes.IsExternalName(after))
        {
            if (after.ClusterIp == before.ClusterIp) after.ClusterIp = "";
            if (after.ClusterIps.Equals(before.ClusterIps)) after.ClusterIps.Clear();
        }
        else if (after.ClusterIp.Length == 0 && !ServiceTypes.IsExternalName(before))
        {
            after.ClusterIp = before.ClusterIp;
            if (after.ClusterIps.Count == 0) after.ClusterIps.Add(before.ClusterIps);
        }

        foreach (var port in after.Ports)
        {
            var same = before.Ports.FirstOrDefault(other => other.Port == port.Port && other.Protocol == port.Protocol)
                ?? before.Ports.FirstOrDefault(other => other.Name == port.Name && port.Name.Length > 0);
            if (ServiceTypes.HasNodePorts(after) && port.NodePort == 0 && same is not null && !Asked(after, same.NodePort)) port.NodePort = same.NodePort;
            else if (!MayHaveNodePorts(after) && port.NodePort == same?.NodePort) port.NodePort = 0;
        }

        FillIn(after);
        if (!MayHaveNodePorts(after) && after.ExternalTrafficPolicy == before.ExternalTrafficPolicy && after.ExternalIps.Count == 0) after.ExternalTrafficPolicy = "";
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
        var external = ServiceTypes.IsExternalName(spec);
        if (external && spec.ExternalName.Length == 0) yield return new FieldError("spec.externalName", "Required value", FieldReasons.Required);
        if (external && spec.ClusterIp is not ("" or ServiceTypes.Headless))
            yield return new FieldError("spec.clusterIP", "Forbidden: may not be set when `type` is 'ExternalName'", FieldReasons.Forbidden);
        if (spec.Ports.Count == 0 && !external && spec.ClusterIp != ServiceTypes.Headless) yield return new FieldError("spec.ports", "Required value", FieldReasons.Required);
        if (spec.ClusterIp is not ("" or ServiceTypes.Headless) && !IPAddress.TryParse(spec.ClusterIp, out _))
            yield return new FieldError("spec.clusterIP", $"Invalid value \"{spec.ClusterIp}\": must be an IP address or \"None\"", FieldReasons.Invalid);
        if (spec.ClusterIps.Count > 1 || (spec.ClusterIps.Count == 1 && spec.ClusterIps[0] != spec.ClusterIp))
            yield return new FieldError("spec.clusterIPs", $"Invalid value \"{string.Join(',', spec.ClusterIps)}\": must be the one address of `clusterIP`", FieldReasons.Invalid);
        if (spec.ClusterIp == ServiceTypes.Headless && spec.Type is "NodePort" or "LoadBalancer")
            yield return new FieldError("spec.clusterIP", $"Invalid value \"None\": may not be set to 'None' for {spec.Type} services", FieldReasons.Invalid);
        foreach (var (address, i) in spec.ExternalIps.Select((address, i) => (address, i)))
        {
            if (EndpointAddresses.Problem(address) is { } problem) yield return new FieldError($"spec.externalIPs[{i}]", $"Invalid value \"{address}\": {problem}", FieldReasons.Invalid);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var port = spec.Ports[i];
            if (port.NodePort > 0 && !MayHaveNodePorts(spec))
                yield return new FieldError($"spec.ports[{i}].nodePort", $"Forbidden: may not be used when `type` is '{spec.Type}'", FieldReasons.Forbidden);
            if (spec.Ports.Count == 1) continue;
            if (port.Name.Length == 0) yield return new FieldError($"spec.ports[{i}].name", "Required value: several ports have names", FieldReasons.Required);
            else if (!names.Add(port.Name)) yield return new FieldError($"spec.ports[{i}].name", $"Duplicate value \"{port.Name}\"", FieldReasons.Duplicate);
        }
    }

    private static bool MayHaveNodePorts(ServiceSpec spec) => spec.Type is "NodePort" or "LoadBalancer";

    private static bool Asked(ServiceSpec spec, int nodePort) => spec.Ports.Any(port => port.NodePort == nodePort);

    private static void FillIn(ServiceSpec spec)
    {
        foreach (var port in spec.Ports)
        {
            if (port.TargetPort is null || port.TargetPort.Equals(new IntOrString { IntValue = 0 })) port.TargetPort = new IntOrString { IntValue = port.Port };
        }

        if (spec.ClusterIp.Length == 0 && spec.ClusterIps.Count > 0) spec.ClusterIp = spec.ClusterIps[0];
        if (spec.ClusterIps.Count == 0 && spec.ClusterIp.Length > 0) spec.ClusterIps.Add(spec.ClusterIp);
        if (MayHaveNodePorts(spec) && spec.ExternalTrafficPolicy.Length == 0) spec.ExternalTrafficPolicy = "Cluster";
        if (spec.Type == "LoadBalancer" && !spec.HasAllocateLoadBalancerNodePorts) spec.AllocateLoadBalancerNodePorts = true;
        if (spec.SessionAffinity == "ClientIP")
        {
            spec.SessionAffinityConfig ??= new SessionAffinityConfig();
            spec.SessionAffinityConfig.ClientIp ??= new ClientIPConfig();
            if (!spec.SessionAffinityConfig.ClientIp.HasTimeoutSeconds) spec.SessionAffinityConfig.ClientIp.TimeoutSeconds = 10800;
        }
    }
}
