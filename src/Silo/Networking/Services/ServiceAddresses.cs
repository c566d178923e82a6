using Google.Protobuf;
using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Networking.Services;

/// <summary>
/// Gives Services their addresses and ports on the hosts. The Services are the only books; what this knows follows them. Choosing and
/// committing are one step, one Service at a time, so that no two have the same.
/// </summary>
internal sealed class ServiceAddresses(ObjectCache cache, IOptions<NetworkOptions> options) : IDisposable
{
    private static readonly Kind Services = KindCatalog.Of<Service>();

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ServiceBooks _books = new(cache[Services]);
    private readonly NumberPool _addresses = NumberPool.OfAddresses(AddressRange.Parse(options.Value.ServiceCidr)!.Value);
    private readonly NumberPool _ports = NumberPool.OfPorts(ServicePortRange.First, ServicePortRange.Last);

    /// <summary>Waits for the turn to create or change a Service; null for other kinds.</summary>
    public async Task<IDisposable?> Enter(Kind kind, CancellationToken cancellation)
    {
        if (kind != Services) return null;
        await _turn.WaitAsync(cancellation);
        return new Turn(_turn);
    }

    /// <summary>Fills in what the object, if it is a Service, has to have and leaves open; or says which of its wishes can't be. The turn must have been entered.</summary>
    public ApiError? Give(Kind kind, IMessage obj)
    {
        if (obj is not Service service) return null;
        _books.CatchUp();
        var key = new ObjectKey(Services.Resource, service.Metadata.Namespace, service.Metadata.Name);
        var errors = new List<FieldError>();
        if (ServiceTypes.HasAddress(service.Spec)) GiveAddress(key, service.Spec, errors);
        if (ServiceTypes.HasNodePorts(service.Spec)) GivePorts(key, service.Spec, errors);
        return errors.Count == 0 ? null : ApiError.Invalid(kind, service.Metadata.Name, errors);
    }

    public void Dispose() => _turn.Dispose();

    private void GiveAddress(ObjectKey key, ServiceSpec spec, List<FieldError> errors)
    {
        const string Path = "spec.clusterIP";
        if (spec.ClusterIp.Length == 0)
        {
            if (_addresses.Next(address => address == options.Value.DnsAddress || _books.OwnerOf((uint)address) is not null) is not { } free)
            {
                errors.Add(new FieldError(Path, $"Internal error: every address of {options.Value.ServiceCidr} is taken; start the silo with a larger --service-cidr, or delete services", FieldReasons.Invalid));
                return;
            }

            spec.ClusterIp = AddressRange.Text((uint)free);
        }
        else if (AddressRange.ParseAddress(spec.ClusterIp) is not { } wanted || !_addresses.Contains(wanted))
        {
            errors.Add(new FieldError(Path, $"Invalid value \"{spec.ClusterIp}\": the provided IP is not in the valid range. The range of valid IPs is {options.Value.ServiceCidr}", FieldReasons.Invalid));
        }
        else if (wanted == options.Value.DnsAddress)
        {
            errors.Add(new FieldError(Path, $"Invalid value \"{spec.ClusterIp}\": provided IP is already allocated, to the cluster's DNS server (--cluster-dns)", FieldReasons.Invalid));
        }
        else if (_books.OwnerOf(wanted) is { } owner && owner != key)
        {
            errors.Add(new FieldError(Path, $"Invalid value \"{spec.ClusterIp}\": provided IP is already allocated, to service {owner.Namespace}/{owner.Name}", FieldReasons.Invalid));
        }

        spec.ClusterIps.Clear();
        spec.ClusterIps.Add(spec.ClusterIp);
    }

    private void GivePorts(ObjectKey key, ServiceSpec spec, List<FieldError> errors)
    {
        var own = new HashSet<(string, int)>();
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var (port, path) = (spec.Ports[i], $"spec.ports[{i}].nodePort");
            if (port.NodePort == 0) continue;
            var owner = _books.OwnerOf(port.Protocol, port.NodePort);
            if (!_ports.Contains(port.NodePort))
                errors.Add(new FieldError(path, $"Invalid value \"{port.NodePort}\": provided port is not in the valid range. The range of valid ports is {ServicePortRange.First}-{ServicePortRange.Last}", FieldReasons.Invalid));
            else if (owner is not null && owner != key)
                errors.Add(new FieldError(path, $"Invalid value \"{port.NodePort}\": provided port is already allocated, to service {owner.Value.Namespace}/{owner.Value.Name}", FieldReasons.Invalid));
            else if (!own.Add((port.Protocol, port.NodePort)))
                errors.Add(new FieldError(path, $"Duplicate value \"{port.NodePort}\"", FieldReasons.Duplicate));
        }

        for (var i = 0; i < spec.Ports.Count && errors.Count == 0; i++)
        {
            var port = spec.Ports[i];
            if (port.NodePort != 0) continue;
            if (_ports.Next(number => _books.OwnerOf(port.Protocol, (int)number) is not null || own.Contains((port.Protocol, (int)number))) is { } free)
            {
                port.NodePort = (int)free;
                own.Add((port.Protocol, port.NodePort));
            }
            else
            {
                errors.Add(new FieldError($"spec.ports[{i}].nodePort", $"Internal error: every port from {ServicePortRange.First} to {ServicePortRange.Last} is taken; delete services of type NodePort", FieldReasons.Invalid));
            }
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
