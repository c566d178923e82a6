using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary><c>./dev</c> itself, with a cluster of its own beside the other.</summary>
public sealed class DoorTests
{
    private static readonly string[] Processes = ["silo", "host-1-containerd", "host-1-dom0", "host-1-agent"];

    [Fact]
    public async Task Up_is_idempotent_repairs_what_died_and_down_leaves_nothing()
    {
        var cluster = new DevCluster('d');
        try
        {
            (await cluster.DevAsync("down")).Succeeded();
            (await cluster.DevAsync("up", "--no-examples")).Succeeded();
            (await cluster.DevAsync("status")).Succeeded();
            var first = Ids(cluster);
            (await cluster.DevAsync("up", "--no-examples")).Succeeded();
            Assert.Equal(first, Ids(cluster));

            foreach (var process in Processes) await cluster.KillAsync(process);
            Assert.NotEqual(0, (await cluster.DevAsync("status")).ExitCode);
            await cluster.RepairAsync();
            Assert.Empty(first.Intersect(Ids(cluster)));
            (await cluster.DevAsync("status")).Succeeded();
            Assert.NotEqual("", await LeftAsync(cluster.Name));
        }
        finally
        {
            (await cluster.DevAsync("down")).Succeeded();
        }
        Assert.Equal("", await LeftAsync(cluster.Name));
        Assert.Equal(["logs"], Directory.EnumerateFileSystemEntries(cluster.Directory).Select(Path.GetFileName));
        Assert.Equal(1, (await cluster.DevAsync("status")).ExitCode);
    }

    private static string[] Ids(DevCluster cluster) => [.. Processes.Select(cluster.ProcessId)];

    // Processes, mounts, namespaces and cgroups that carry the cluster's name.
    private static async Task<string> LeftAsync(string name)
    {
        await using var look = RunningCommand.Start("/bin/bash", ["-c", $"""
            grep -l '/orchestrator-{name}' /proc/[0-9]*/cgroup 2>/dev/null | while read -r f; do
              state=$(sed 's/.*) //' "$(dirname "$f")/stat" 2>/dev/null); case $state in Z* | X* | '') ;; *) echo "process $f" ;; esac
            done
            grep -E 'orchestrator-dev-{name}|/{name}-(fabric|host)' /proc/self/mounts
            ip netns list | grep -E '^{name}-'
            find /sys/fs/cgroup -type d -name 'orchestrator-{name}'
            ip -brief link | grep -E '^(fabric|pods0|host-)'
            true
            """]);
        return (await look.EndsAsync(DevCluster.Soon)).Succeeded();
    }
}
