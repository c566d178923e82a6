using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>
/// The frame of our table, the same for whatever services there are. A packet's way:
/// <code>
///   arrives (prerouting) or begins here (output) ─► addresses, node-ports ─► a service's chain ─► another destination
///   is passed on, taken or sent (filter)         ─► unserved: a service with nothing behind it refuses at once
///   leaves (postrouting)                         ─► comes from the host's address, where the answer wouldn't find its way back through here
/// </code>
/// </summary>
internal static class ServiceFrame
{
    public const string Table = "ip orchestrator";
    public const string Addresses = "addresses";
    public const string NodePorts = "node-ports";
    public const string Unserved = "unserved";
    public const string UnservedPorts = "unserved-ports";

    /// <summary>Pairs of an endpoint of this host with itself: one that reaches itself through its service must not see itself as the client.</summary>
    public const string Hairpins = "hairpins";

    public const string Refuse = "refuse";

    /// <summary>The bit of a packet's mark by which it is known, on its way out, as one that has to come from the host.</summary>
    public const string Mark = "0x2000";
    private const string WithoutMark = "0xffffdfff";

    public static readonly IReadOnlyList<string> Maps = [Addresses, NodePorts, Unserved, UnservedPorts, Hairpins];
    public static readonly IReadOnlySet<string> Chains = new HashSet<string>(StringComparer.Ordinal)
    {
        Refuse, "services", "unserved-services", "prerouting", "output", "postrouting", "forward", "filter-output", "input",
    };

    /// <param name="own">The ranges.</param>
    /// <param name="seesBridged">Whether the kernel shows us what goes from port to port of a bridge.</param>
    public static string Text(HostNetwork own, bool seesBridged) => $$"""
        table {{Table}} {
          map {{Addresses}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{NodePorts}} { type inet_proto . inet_service : verdict; }
          map {{Unserved}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{UnservedPorts}} { type inet_proto . inet_service : verdict; }
          set {{Hairpins}} { type ipv4_addr . ipv4_addr; }
          chain {{Refuse}} {
            reject
          }
          chain services {
            ip daddr . meta l4proto . th dport vmap @{{Addresses}}
            ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @{{NodePorts}}
          }
          chain unserved-services {
            ip daddr . meta l4proto . th dport vmap @{{Unserved}}
            ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @{{UnservedPorts}}
            ip daddr {{own.ServiceCidr}} fib daddr type != local goto {{Refuse}}
          }
          chain prerouting {
            type nat hook prerouting priority dstnat
            jump services
          }
          chain output {
            type nat hook output priority -100
            jump services
          }
          chain postrouting {
            type nat hook postrouting priority srcnat
            meta mark & {{Mark}} == {{Mark}} meta mark set meta mark & {{WithoutMark}} masquerade fully-random
            ct status dnat ip saddr . ip daddr @{{Hairpins}} masquerade fully-random
            {{(seesBridged ? "" : $"ct status dnat ip saddr {own.PodCidr} ip daddr {own.PodCidr} masquerade fully-random")}}
            {{(own.Masquerade ? $"ip saddr {own.PodCidr} ip daddr != {own.ClusterCidr} ip daddr != {own.PodCidr} ip daddr != 224.0.0.0/4 masquerade fully-random" : "")}}
          }
          chain forward {
            type filter hook forward priority filter
            jump unserved-services
          }
          chain filter-output {
            type filter hook output priority filter
            jump unserved-services
          }
          chain input {
            type filter hook input priority filter
            jump unserved-services
          }
        }

        """;
}
