using System.Globalization;
using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary>Processes of the cluster are killed with SIGKILL; no workload notices and no acknowledged write is lost.</summary>
public sealed class CrashTests(DevCluster cluster)
{
    [Fact]
    public async Task Workloads_run_on_while_the_agent_is_dead_and_its_successor_adopts_them()
    {
        var before = await WorkloadsAsync();
        var agent = cluster.ProcessId("host-1-agent");
        await cluster.KillAsync("host-1-agent");
        var address = await cluster.FieldAsync("pod/twin-a", ".status.podIP");
        Assert.Equal("twin-a", (await cluster.CurlAsync($"http://{address}/")).Succeeded().Trim());

        await cluster.RepairAsync();
        Assert.NotEqual(agent, cluster.ProcessId("host-1-agent"));
        Assert.Equal(before, await WorkloadsAsync());
        // The successor serves what the dead one started.
        Assert.Equal("adopted", (await cluster.OrcAsync("exec", "twin-a", "--", "echo", "adopted")).Succeeded().Trim());
        await using var console = cluster.StartOrc("console", "paravirtual");
        await console.TypeAsync("\necho still-$((40+2))\n");
        await console.PrintsAsync("still-42", DevCluster.Soon);
    }

    [Fact]
    public async Task Machines_run_on_while_dom0_is_dead_and_its_successor_adopts_them()
    {
        var before = await WorkloadsAsync();
        foreach (var host in new[] { "host-1", "host-2" }) await cluster.KillAsync($"{host}-dom0");
        await cluster.RepairAsync();
        await using var console = cluster.StartOrc("console", "paravirtual");
        await console.TypeAsync("\necho again-$((40+2))\n");
        await console.PrintsAsync("again-42", DevCluster.Soon);
        foreach (var machine in new[] { "paravirtual", "emulated" })
        {
            var address = await cluster.FieldAsync($"vm/{machine}", ".status.interfaces[0].ipAddress");
            Assert.Contains("Orchestrator serves this page", (await cluster.CurlAsync($"http://{address}/")).Succeeded());
        }

        Assert.Equal(before, await WorkloadsAsync());
    }

    [Fact]
    public async Task The_silo_killed_in_a_burst_of_creates_loses_no_acknowledged_object_and_stores_none_twice()
    {
        const int Creates = 500;
        var workloads = await WorkloadsAsync();
        var burst = new CreateBurst(cluster.Objects, Creates);

        var first = burst.RunAsync(TestContext.Current.CancellationToken);
        await burst.AcknowledgedAsync(Creates / 4);
        await cluster.KillAsync("silo");
        var acknowledged = await first;
        Assert.InRange(acknowledged.Count, Creates / 4, Creates - 1);

        await cluster.RepairAsync();
        var stored = await burst.StoredAsync();
        Assert.All(acknowledged, pair => Assert.Equal(pair.Value, stored.Single(one => one.Index == pair.Key).Uid));
        Assert.Equal(stored.Count, stored.Select(one => one.Index).Distinct().Count());

        // A client repeats what was not acknowledged, with the same request ids.
        await burst.RunAsync(TestContext.Current.CancellationToken);
        stored = await burst.StoredAsync();
        Assert.Equal(Enumerable.Range(0, Creates), stored.Select(one => one.Index).Order());
        Assert.Equal(workloads, await WorkloadsAsync());
        (await cluster.OrcAsync("delete", "pods", "-l", "burst=yes", "--timeout=60s")).Succeeded();
    }

    // What a restart of any workload would change: container ids and restart counts, machines' processes and starts.
    private async Task<string> WorkloadsAsync()
    {
        var lines = new List<string>();
        foreach (var pod in new[] { "web", "twin-a", "twin-b" })
        {
            const string Container = ".status.containerStatuses[0]";
            lines.Add(await cluster.FieldAsync($"pod/{pod}", $"{Container}.containerID}} {{{Container}.restartCount}} {{{Container}.state.running.startedAt"));
        }
        foreach (var machine in new[] { "paravirtual", "emulated" })
        {
            var process = int.Parse(await cluster.FieldAsync($"vm/{machine}", ".status.domain.processId"), CultureInfo.InvariantCulture);
            lines.Add($"{process} {StartTime(process)} {await cluster.FieldAsync($"vm/{machine}", ".status.restartCount")}");
        }
        return string.Join('\n', lines);
    }

    // Field 22 of /proc/PID/stat: with it a process id names one process only.
    private static string StartTime(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[19];
}
