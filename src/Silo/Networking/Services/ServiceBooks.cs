using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Networking.Services;

/// <summary>Which Service has which address and port, read from the Services: each change once.</summary>
internal sealed class ServiceBooks(KindCache services)
{
    private readonly ChangeCursor _cursor = new(services);
    private readonly Dictionary<uint, ObjectKey> _addresses = [];
    private readonly Dictionary<(string Protocol, int Port), ObjectKey> _ports = [];
    private readonly Dictionary<ObjectKey, ServiceSpec> _entered = [];

    public ObjectKey? OwnerOf(uint address) => _addresses.TryGetValue(address, out var owner) ? owner : null;

    public ObjectKey? OwnerOf(string protocol, int port) => _ports.TryGetValue((protocol, port), out var owner) ? owner : null;

    /// <summary>Everything that is committed by now is in the books afterwards.</summary>
    public void CatchUp() => _cursor.Read(_ => Clear(), Enter);

    private void Enter(ObjectChange change)
    {
        var key = change.Object.Key;
        if (_entered.Remove(key, out var before))
        {
            if (AddressRange.ParseAddress(before.ClusterIp) is { } address && OwnerOf(address) == key) _addresses.Remove(address);
            foreach (var port in before.Ports.Where(port => OwnerOf(port.Protocol, port.NodePort) == key)) _ports.Remove((port.Protocol, port.NodePort));
        }

        if (change.Operation == WriteOperation.Delete) return;
        var spec = change.Object.As<Service>().Spec;
        _entered[key] = spec;
        if (AddressRange.ParseAddress(spec.ClusterIp) is { } taken) _addresses[taken] = key;
        foreach (var port in spec.Ports.Where(port => port.NodePort > 0)) _ports[(port.Protocol, port.NodePort)] = key;
    }

    private void Clear()
    {
        _addresses.Clear();
        _ports.Clear();
        _entered.Clear();
    }
}
