using System.Text.RegularExpressions;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Network.Switching;

namespace Orchestrator.Hypervisor.Api;

/// <summary>What a guest's network cards must be, every violation with its field's path.</summary>
internal static partial class InterfaceRules
{
    private const int MostInterfaces = 8;
    private const int LongestSegment = 512;

    // IFNAMSIZ, less its final zero.
    private const int LongestBridge = 15;

    // What every IPv4 station takes, and what the switch carries.
    private const int SmallestMtu = 576;
    private const int LargestMtu = 1500;

    public static IEnumerable<string> Violations(IReadOnlyList<NetworkInterface> cards)
    {
        if (cards.Count > MostInterfaces)
        {
            yield return $"spec.interfaces: must be at most {MostInterfaces}";
        }

        if (cards.Select(card => card.Name).Distinct().Count() < cards.Count || cards.Select(card => card.MacAddress.ToLowerInvariant()).Distinct().Count() < cards.Count)
        {
            yield return "spec.interfaces: names and MAC addresses must be different";
        }

        foreach (var (card, at) in cards.Select((card, index) => (card, $"spec.interfaces[{index}]")))
        {
            foreach (var problem in Violations(card))
            {
                yield return $"{at}.{problem}";
            }
        }
    }

    private static IEnumerable<string> Violations(NetworkInterface card)
    {
        if (!Name().IsMatch(card.Name))
        {
            yield return "name: must match [a-z0-9-]{1,63}";
        }

        if (!MacAddress.TryParse(card.MacAddress, out var mac) || mac.IsGroup || mac.Value == 0)
        {
            yield return $"mac_address: '{card.MacAddress}' is not the address of one station, like 02:00:00:00:00:01";
        }

        switch (card.NetworkCase)
        {
            case NetworkInterface.NetworkOneofCase.Bridge when card.Bridge.Length > LongestBridge || !Link().IsMatch(card.Bridge):
                yield return $"bridge: '{card.Bridge}' is no name of a network device";
                break;
            case NetworkInterface.NetworkOneofCase.Segment when card.Segment.Length is 0 or > LongestSegment:
                yield return $"segment: must have between 1 and {LongestSegment} characters";
                break;
            case NetworkInterface.NetworkOneofCase.None:
                yield return "network: a bridge or a segment is required";
                break;
        }

        foreach (var address in card.Addresses.Where(address => InternetAddress.TryParseWithPrefix(address, out _) is false))
        {
            yield return $"addresses: '{address}' is not like 10.88.1.7/24";
        }

        foreach (var problem in LimitsMapping.Violations("limits", card.Limits))
        {
            yield return problem;
        }

        if (card.Gateway.Length > 0 && !InternetAddress.TryParse(card.Gateway, out _))
        {
            yield return $"gateway: '{card.Gateway}' is not like 10.88.1.1";
        }

        if (card.MtuBytes is not 0 and (< SmallestMtu or > LargestMtu))
        {
            yield return $"mtu_bytes: {card.MtuBytes} is not between {SmallestMtu} and {LargestMtu}";
        }
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,63}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^(?!\.{1,2}\z)[A-Za-z0-9_.-]+\z")]
    private static partial Regex Link();
}
