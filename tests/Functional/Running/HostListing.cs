using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Orchestrator.Functional.Running;

/// <summary>All that workloads can leave behind on a host, one line each.</summary>
internal static class HostListing
{
    public static async Task<string> OfAsync(DevCluster cluster, string host)
    {
        var folder = Path.Combine(cluster.Directory, "hosts", host);
        var lines = new List<string>();
        lines.AddRange(Prefix("container", await ContainersAsync(cluster, host)));
        lines.AddRange(Prefix("link", Names(await cluster.InHostAsync(host, "ip", "-brief", "link"))));
        lines.AddRange(Prefix("mount", Mounts(await cluster.InHostAsync(host, "cat", "/proc/self/mounts"), folder)));
        lines.AddRange(Prefix("address", Addresses(Path.Combine(folder, "agent", "ipam"))));
        lines.AddRange(Prefix("lease", Files(Path.Combine(folder, "agent", "machines"))));
        lines.AddRange(Prefix("dom0", Files(Path.Combine(folder, "dom0"))));
        lines.AddRange(Prefix("cgroup", Cgroups($"orchestrator-{cluster.Name}/{host}")));
        lines.AddRange(Prefix("process", Processes(cluster.Name)));
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    /// <summary>What came (+) and what went (-).</summary>
    public static string Difference(string before, string after)
    {
        var (old, now) = (before.Split('\n'), after.Split('\n'));
        return string.Join('\n', now.Except(old).Select(line => $"+ {line}").Concat(old.Except(now).Select(line => $"- {line}")));
    }

    private static IEnumerable<string> Prefix(string what, IEnumerable<string> lines) =>
        lines.Where(line => line.Length > 0).Select(line => $"{what} {line}");

    // An id alone would not tell whose container came or went.
    private static async Task<IEnumerable<string>> ContainersAsync(DevCluster cluster, string host)
    {
        var lines = new List<string>();
        foreach (var id in (await cluster.InHostAsync(host, "ctr", "containers", "ls", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var labels = JsonNode.Parse(await cluster.InHostAsync(host, "ctr", "containers", "info", id))?["Labels"];
            lines.Add($"{labels?["io.kubernetes.pod.name"]}/{labels?["io.kubernetes.container.name"]} {id}");
        }
        return lines;
    }

    private static IEnumerable<string> Names(string lines) => lines.Split('\n').Select(line => line.Split(' ')[0]);

    private static IEnumerable<string> Mounts(string table, string folder) =>
        table.Split('\n').Select(line => line.Split(' ')).Where(fields => fields.Length > 1 && fields[1].StartsWith(folder, StringComparison.Ordinal))
            .Select(fields => fields[1]);

    // A taken address is a file of that name; the lock, the folder and the note of the last one come with the first pod and stay.
    private static IEnumerable<string> Addresses(string folder) => Files(folder).Where(path => IPAddress.TryParse(Path.GetFileName(path), out _));

    // A log grows with each machine.
    private static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
                .Where(path => !Path.GetFileName(path).StartsWith("last_reserved_ip", StringComparison.Ordinal))
            : [];

    private static IEnumerable<string> Cgroups(string parent) =>
        Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(root => Path.Combine(root, parent))
            .Where(Directory.Exists).SelectMany(root => Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories));

    // Every process of the cluster is in its cgroup or below it. A pod's processes come and go as it likes: there, the cgroup counts.
    private static IEnumerable<string> Processes(string cluster)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            string name, cgroup;
            try
            {
                cgroup = File.ReadLines(Path.Combine(folder, "cgroup"))
                    .FirstOrDefault(line => line.Contains($"/orchestrator-{cluster}/", StringComparison.Ordinal)) ?? "";
                if (cgroup.Length == 0) continue;
                name = File.ReadAllText(Path.Combine(folder, "comm")).Trim();
                // Zombies wait for their parent; they hold nothing.
                if (File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1][0] is 'Z' or 'X') continue;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue; // It ended while we looked.
            }
            yield return cgroup.Contains("/pods/", StringComparison.Ordinal) ? $"of {cgroup}" : $"{id} {name}";
        }
    }
}
