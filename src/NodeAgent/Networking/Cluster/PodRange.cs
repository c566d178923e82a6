using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Networking.Cluster;

/// <summary>
/// The range from which this host's pods have their addresses: a CNI configuration of ours, by which containerd makes pods' networks and
/// <see cref="AddressPool"/> machines' addresses.
/// <code>
///   none ──given──► ours ──another given──► ours, the old one, until nobody holds an address of it ──► ours, the new one
///   somebody else's: left as it is
/// </code>
/// </summary>
internal sealed class PodRange(AgentOptions options, HostTools tools, ILogger<PodRange> logger)
{
    private const string FileName = "10-orchestrator.conflist";
    private const string Network = "pods";
    private const string Bridge = "pods0";

    private string _told = "";

    private string OwnFile => Path.Join(options.CniConf, FileName);

    private string Addresses => Path.Join(options.Data, "ipam");

    /// <summary>The range that pods get addresses from now; empty if there is none, or it can't be told.</summary>
    public string Present()
    {
        if (PodNetwork.Read(options.CniConf, out _) is not { } network) return "";
        var addresses = JsonNode.Parse(network.Plugin)?["ipam"] as JsonObject;
        var range = (addresses?["ranges"] as JsonArray)?.OfType<JsonArray>().SelectMany(set => set).OfType<JsonObject>().FirstOrDefault() ?? addresses;
        // Others write 10.88.1.7/24 or a range of IPv6.
        return range?["subnet"] is JsonValue subnet && subnet.TryGetValue<string>(out var text) && IPNetwork.TryParse(text, out var parsed)
            && parsed.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? parsed.ToString() : "";
    }

    /// <summary>From now on, or as soon as nobody is left in the old range.</summary>
    /// <exception cref="IOException">The configuration can't be written, or the range is none.</exception>
    public async Task TakeAsync(string range, int mtu, CancellationToken cancellation)
    {
        if (PlainAddress.Range(range) is null) throw new IOException($"the range that the cluster gives this host, '{range}', is no IPv4 range");
        var present = Present();
        if (PodNetwork.FirstOf(options.CniConf) is { } file && file != OwnFile)
        {
            if (present != range) Tell($"The network of this host's pods is what {file} says ({present}); the cluster's range for it is {range}");
            return;
        }

        var wanted = Configuration(range, mtu);
        if (File.Exists(OwnFile) && File.ReadAllText(OwnFile) == wanted) return;
        if (present.Length > 0 && present != range)
        {
            if (Held())
            {
                Tell($"Pods and machines of this host have addresses in {present}; {range} is taken when they are gone");
                return;
            }

            Write(wanted);
            // It has the old range's gateway. The next pod makes it anew.
            await tools.RunAsync(cancellation, "ip", "link", "delete", "dev", Bridge);
        }
        else
        {
            Write(wanted);
        }

        logger.LogInformation("The pods of this host have addresses in {Range}", range);
    }

    /// <summary>By the plugin's own books: a file for each address.</summary>
    private bool Held() => Directory.Exists(Path.Join(Addresses, Network))
        && Directory.EnumerateFiles(Path.Join(Addresses, Network)).Any(file => IPAddress.TryParse(Path.GetFileName(file), out _));

    private void Write(string configuration)
    {
        Directory.CreateDirectory(options.CniConf);
        // Of an ending that nobody reads.
        var pending = OwnFile + ".new";
        File.WriteAllText(pending, configuration);
        File.Move(pending, OwnFile, overwrite: true);
    }

    private void Tell(string message)
    {
        if (_told == message) return;
        _told = message;
        logger.LogWarning("{Message}", message);
    }

    private string Configuration(string range, int mtu) => $$$"""
        {
          "cniVersion": "0.4.0",
          "name": "{{{Network}}}",
          "plugins": [
            {
              "type": "bridge", "bridge": "{{{Bridge}}}", "isGateway": true, "ipMasq": false, "hairpinMode": true, "mtu": {{{mtu}}},
              "ipam": {
                "type": "host-local", "dataDir": "{{{JsonEncodedText.Encode(Addresses)}}}",
                "ranges": [[{ "subnet": "{{{range}}}" }]], "routes": [{ "dst": "0.0.0.0/0" }]
              }
            },
            { "type": "portmap", "capabilities": { "portMappings": true } }
          ]
        }

        """;
}
