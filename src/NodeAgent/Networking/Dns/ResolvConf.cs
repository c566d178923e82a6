using System.Net;

namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>What a resolv.conf says.</summary>
internal sealed record ResolvConf(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options)
{
    public static ResolvConf Read(string path)
    {
        var (servers, searches, options) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var line in File.ReadLines(path))
        {
            switch (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                case ["nameserver", var server, ..] when IPAddress.TryParse(server, out _): servers.Add(server); break;
                case ["search" or "domain", .. var names]: searches = [.. names]; break;
                case ["options", .. var words]: options.AddRange(words); break;
            }
        }

        return new ResolvConf(servers, searches, options);
    }
}
