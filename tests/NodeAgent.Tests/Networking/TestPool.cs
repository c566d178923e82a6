namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>A pods' network for an agent without a host of its own: real addresses of the real plugin, and a bridge that nobody has to make.</summary>
internal static class TestPool
{
    /// <summary>Loopback is there everywhere, so nothing is changed where the tests run.</summary>
    private const string Bridge = "lo";

    public const string Gateway = "10.252.0.1";

    /// <param name="subnet">A /29 has five addresses beside the gateway's.</param>
    public static void Write(string data, string subnet = "10.252.0.0/24")
    {
        Directory.CreateDirectory(Path.Join(data, "cni"));
        File.WriteAllText(Path.Join(data, "cni", "10-pods.conflist"), $$$"""
            {"cniVersion": "0.4.0", "name": "pods", "plugins": [
              {"type": "bridge", "bridge": "{{{Bridge}}}", "isGateway": true, "ipam": {
                "type": "host-local", "dataDir": "{{{data}}}/ipam", "ranges": [[{"subnet": "{{{subnet}}}"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
              {"type": "portmap"}]}
            """);
    }

    /// <summary>Who has which address, by the plugin's own books: a file an address, with the holder in its first line.</summary>
    public static IReadOnlyDictionary<string, string> Taken(string data)
    {
        var folder = Path.Join(data, "ipam", "pods");
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Where(file => System.Net.IPAddress.TryParse(Path.GetFileName(file), out _))
                .ToDictionary(file => Path.GetFileName(file), file => File.ReadLines(file).First().Trim())
            : new Dictionary<string, string>();
    }
}
