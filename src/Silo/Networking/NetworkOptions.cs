using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Networking;

/// <summary>The cluster's addresses. From the command line: <c>--cluster-cidr RANGE --network-backend vxlan|routes …</c>.</summary>
internal sealed class NetworkOptions
{
    public const string Section = "Network";
    public const string NoDns = "none";
    private const uint DefaultDnsOffset = 10;

    public static readonly IReadOnlyDictionary<string, string> Switches = new Dictionary<string, string>
    {
        ["--cluster-cidr"] = $"{Section}:{nameof(ClusterCidr)}",
        ["--host-prefix-length"] = $"{Section}:{nameof(HostPrefixLength)}",
        ["--service-cidr"] = $"{Section}:{nameof(ServiceCidr)}",
        ["--cluster-dns"] = $"{Section}:{nameof(ClusterDns)}",
        ["--cluster-domain"] = $"{Section}:{nameof(ClusterDomain)}",
        ["--masquerade"] = $"{Section}:{nameof(Masquerade)}",
        ["--network-backend"] = $"{Section}:{nameof(Backend)}",
    };

    /// <summary>Of it each host gets a range for its pods and machines. Hosts keep what they have when it is changed.</summary>
    public string ClusterCidr { get; set; } = "10.244.0.0/16";

    /// <summary>How large a host's range is: 24 for 254 addresses.</summary>
    public int HostPrefixLength { get; set; } = 24;

    /// <summary>Where the addresses of Services are from. No device has any of them.</summary>
    public string ServiceCidr { get; set; } = "10.96.0.0/16";

    /// <summary>Where every host answers the cluster's names: an address of the services', or "none". Empty: the tenth of them.</summary>
    public string ClusterDns { get; set; } = "";

    /// <summary>What the names of services end with.</summary>
    public string ClusterDomain { get; set; } = "cluster.local";

    /// <summary>Null where the cluster has no DNS server of ours.</summary>
    public uint? DnsAddress => ClusterDns == NoDns ? null : ClusterDns.Length > 0 ? AddressRange.ParseAddress(ClusterDns) : AddressRange.Parse(ServiceCidr)?.First + DefaultDnsOffset;

    /// <summary>What pods and machines send out of the cluster comes from their host's address. Not needed where others have routes to the cluster's range.</summary>
    public bool Masquerade { get; set; } = true;

    public NetworkBackend Backend { get; set; } = NetworkBackend.Vxlan;
}

/// <summary>How a packet gets from one host to another.</summary>
internal enum NetworkBackend
{
    /// <summary>In a tunnel: the hosts only have to reach each other.</summary>
    Vxlan,

    /// <summary>By a route to the other host, which has to be on the same segment. Nothing is added to the packet.</summary>
    Routes,
}

internal sealed class ValidateNetworkOptions : IValidateOptions<NetworkOptions>
{
    private const int SmallestHostPrefix = 28;
    private const int LargestServicePrefix = 8;
    private const int SmallestServicePrefix = 28;

    public ValidateOptionsResult Validate(string? name, NetworkOptions options)
    {
        var errors = new List<string>();
        if (AddressRange.Parse(options.ClusterCidr) is not { } cluster)
            errors.Add($"--cluster-cidr: Invalid value \"{options.ClusterCidr}\": must be an IPv4 range from its first address on, such as 10.244.0.0/16");
        else if (options.HostPrefixLength < cluster.PrefixLength || options.HostPrefixLength > SmallestHostPrefix)
            errors.Add($"--host-prefix-length: Invalid value \"{options.HostPrefixLength}\": must be from {cluster.PrefixLength} (--cluster-cidr) to {SmallestHostPrefix}");
        if (AddressRange.Parse(options.ServiceCidr) is not { PrefixLength: >= LargestServicePrefix and <= SmallestServicePrefix } services)
            errors.Add($"--service-cidr: Invalid value \"{options.ServiceCidr}\": must be an IPv4 range from its first address on, from /{LargestServicePrefix} to /{SmallestServicePrefix}, such as 10.96.0.0/16");
        else if (AddressRange.Parse(options.ClusterCidr) is { } range && range.Overlaps(services))
            errors.Add($"--service-cidr: Invalid value \"{options.ServiceCidr}\": must have no address of --cluster-cidr ({options.ClusterCidr})");
        if (options.ClusterDns is not ("" or NetworkOptions.NoDns) && (AddressRange.ParseAddress(options.ClusterDns) is not { } dns || AddressRange.Parse(options.ServiceCidr)?.Contains(dns) is false))
            errors.Add($"--cluster-dns: Invalid value \"{options.ClusterDns}\": must be an address of --service-cidr ({options.ServiceCidr}), or none");
        if (Uri.CheckHostName(options.ClusterDomain) != UriHostNameType.Dns || options.ClusterDomain.Any(char.IsAsciiLetterUpper) || options.ClusterDomain.EndsWith('.'))
            errors.Add($"--cluster-domain: Invalid value \"{options.ClusterDomain}\": must be a DNS name in lower case, such as cluster.local");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
