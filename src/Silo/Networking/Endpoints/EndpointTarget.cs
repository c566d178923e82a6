using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Workloads;
using Endpoint = Orchestrator.Objects.DiscoveryV1.Endpoint;
using EndpointPort = Orchestrator.Objects.DiscoveryV1.EndpointPort;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>A pod or a machine as a place that a service may lead to.</summary>
internal sealed record EndpointTarget(StoredObject Workload, string Address, string Host, bool Ready)
{
    /// <summary>Null while nothing can be sent there: no host, no address, or ended.</summary>
    public static EndpointTarget? Of(StoredObject workload)
    {
        var state = WorkloadState.Of(workload);
        if (!state.Bound || state.Ended) return null;
        var (address, conditions) = workload.Message switch
        {
            Pod pod => (pod.Status?.PodIp, pod.Status?.Conditions),
            VirtualMachine machine => (AddressOf(machine), machine.Status?.Conditions),
            _ => (null, null),
        };
        return AddressRange.ParseAddress(address ?? "") is null
            ? null
            : new EndpointTarget(workload, address!, state.Host, conditions!.Any(condition => condition is { Type: Conditions.Ready, Status: "True" }));
    }

    /// <summary>Whether a service could tell the two apart: most changes of a workload are none to it.</summary>
    public static bool Differ(StoredObject before, StoredObject now)
    {
        if (!before.Metadata.Labels.Equals(now.Metadata.Labels) || before.Terminating != now.Terminating || before.Uid != now.Uid) return true;
        return (Of(before), Of(now)) switch
        {
            (null, null) => false,
            ({ } old, { } @new) => (old.Address, old.Host, old.Ready) != (@new.Address, @new.Host, @new.Ready),
            _ => true,
        };
    }

    public Endpoint Endpoint(StoredObject service)
    {
        var spec = service.As<Service>().Spec;
        var terminating = Workload.Terminating;
        var endpoint = new Endpoint
        {
            Addresses = { Address },
            Conditions = new EndpointConditions { Ready = spec.PublishNotReadyAddresses || (Ready && !terminating), Serving = Ready, Terminating = terminating },
            NodeName = Host,
            TargetRef = new ObjectReference { Kind = Workload.Kind.Name, Namespace = Workload.Key.Namespace, Name = Workload.Key.Name, Uid = Workload.Uid },
        };
        if (Workload.Kind == WorkloadGrains.Machines) endpoint.TargetRef.ApiVersion = Workload.Kind.ApiVersion;
        if (Workload.Message is Pod { Spec: { Hostname.Length: > 0 } named } && named.Subdomain == service.Key.Name) endpoint.Hostname = named.Hostname;
        return endpoint;
    }

    /// <summary>The service's ports as they are here. One that is named by something that isn't here is left out.</summary>
    public IEnumerable<EndpointPort> Ports(ServiceSpec service)
    {
        foreach (var port in service.Ports)
        {
            if (Resolve(port) is { } number) yield return new EndpointPort { Name = port.Name, Protocol = port.Protocol, Port = number, AppProtocol = port.AppProtocol };
        }
    }

    /// <summary>A machine has no named ports.</summary>
    private int? Resolve(ServicePort port) => port.TargetPort.ValueCase == IntOrString.ValueOneofCase.IntValue
        ? port.TargetPort.IntValue
        : (Workload.Message as Pod)?.Spec.Containers.SelectMany(container => container.Ports)
            .FirstOrDefault(own => own.Name == port.TargetPort.StringValue && own.Protocol == port.Protocol)?.ContainerPort_;

    /// <summary>Its address on the network of the pods: on a segment nobody reaches it.</summary>
    private static string? AddressOf(VirtualMachine machine)
    {
        var network = machine.Spec.Networks.Count == 0 ? "default" : machine.Spec.Networks.FirstOrDefault(one => one.Pod is not null)?.Name;
        return machine.Status?.Interfaces.FirstOrDefault(card => card.Name == network)?.IpAddress;
    }
}
