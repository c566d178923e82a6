using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking.Endpoints;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>Hosts send to the addresses of a slice, whoever has written it.</summary>
internal sealed class EndpointSliceStrategy : KindStrategy
{
    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => Check((EndpointSlice)obj);

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated) => Check((EndpointSlice)updated);

    private static IEnumerable<FieldError> Check(EndpointSlice slice)
    {
        if (slice.AddressType == "FQDN") yield break;
        var family = slice.AddressType == "IPv6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        for (var i = 0; i < slice.Endpoints.Count; i++)
        {
            for (var j = 0; j < slice.Endpoints[i].Addresses.Count; j++)
            {
                var address = slice.Endpoints[i].Addresses[j];
                var problem = EndpointAddresses.Problem(address) ?? (IPAddress.Parse(address).AddressFamily == family ? null : $"must be an {slice.AddressType} address, as addressType says");
                if (problem is not null) yield return new FieldError($"endpoints[{i}].addresses[{j}]", $"Invalid value \"{address}\": {problem}", FieldReasons.Invalid);
            }
        }
    }
}
