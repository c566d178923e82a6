using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary>The service of the examples, with a pod on each host and a machine behind it.</summary>
public sealed class ServiceTests(DevCluster cluster)
{
    private const string Page = "Orchestrator serves this page";
    private const int Questions = 60;

    [Fact]
    public async Task A_service_leads_to_pods_of_both_hosts_and_to_a_machine_from_everywhere()
    {
        (await cluster.ApplyAsync(Manifests.Pod("far", "host-2").Replace("{name: far}", "{name: far, labels: {app: web}}", StringComparison.Ordinal))).Succeeded();
        await cluster.WaitForPhaseAsync("pod/far", "Running");
        var service = await cluster.FieldAsync("service/web", ".spec.clusterIP");
        string[] addresses =
        [
            await cluster.FieldAsync("pod/web", ".status.podIP"),
            await cluster.FieldAsync("pod/far", ".status.podIP"),
            await cluster.FieldAsync("vm/paravirtual", ".status.interfaces[0].ipAddress"),
        ];
        await Eventually.HoldsAsync(
            () => cluster.FieldAsync("endpointslices", ".items[*].endpoints[?(@.conditions.ready==true)].addresses[0]"),
            said => addresses.All(address => said.Contains(address, StringComparison.Ordinal)), DevCluster.Soon, "both pods and the machine are behind the service");

        // From a pod: each question is answered, by each of the three.
        var client = await cluster.FieldAsync("pod/twin-a", ".status.podIP");
        var script = $"i=0; while [ $i -lt {Questions} ]; do wget -q -O - http://{service}/ | grep -c 'serves this page'; i=$((i+1)); done";
        var answers = (await cluster.OrcAsync("exec", "twin-a", "--", "sh", "-c", script)).Succeeded();
        Assert.Equal(Questions, answers.Split('\n').Count(line => line.Trim() == "1"));
        var (ofWeb, ofFar) = (await RequestsAsync("web", client), await RequestsAsync("far", client));
        Assert.True(ofWeb > 0 && ofFar > 0 && ofWeb + ofFar < Questions, $"web answered {ofWeb}, far {ofFar} of {Questions}");

        // By its name, as by its address; names outside are asked of whom the host asks.
        Assert.Contains(Page, (await cluster.OrcAsync("exec", "twin-a", "--", "wget", "-q", "-O", "-", "http://web.default.svc.cluster.local/")).Succeeded());
        Assert.Contains(Page, (await cluster.OrcAsync("exec", "far", "--", "wget", "-q", "-O", "-", "http://web/")).Succeeded());

        // From the machine that is behind it itself, from both hosts, and from outside by a port of either host.
        await using (var console = cluster.StartOrc("console", "paravirtual"))
        {
            await console.PrintsAsync("/ # ", DevCluster.Minutes);
            await console.TypeAsync($"\nwget -q -O - http://{service}/ | grep -c 'serves this page' | sed s/^/served-/\n");
            await console.PrintsAsync("served-1", DevCluster.Soon);
        }

        foreach (var host in (string[])["host-1", "host-2"])
            Assert.Contains(Page, await cluster.InHostAsync(host, "busybox", "wget", "-q", "-O", "-", $"http://{service}/"));
        foreach (var host in (string[])["10.87.0.1", "10.87.0.2"])
            Assert.Contains(Page, (await cluster.CurlAsync($"http://{host}:30080/")).Succeeded());

        // What goes is no longer asked; what is left serves on, an agent killed or not.
        await cluster.DeleteAsync("pod/far");
        await Eventually.HoldsAsync(
            () => cluster.InHostAsync("host-1", "nft", "list", "table", "ip", "orchestrator"),
            rules => !rules.Contains(addresses[1], StringComparison.Ordinal), DevCluster.Soon, "host-1 has forgotten the pod");
        await cluster.KillAsync("host-1-agent");
        Assert.Contains(Page, (await cluster.CurlAsync("http://10.87.0.1:30080/")).Succeeded());
        await cluster.RepairAsync();
    }

    /// <summary>How many requests of a client a pod has answered, as the client that it is.</summary>
    private async Task<int> RequestsAsync(string pod, string client) => (await cluster.OrcAsync("logs", pod)).Succeeded().Split('\n')
        .Count(line => line.Contains($"{client}]", StringComparison.Ordinal) && line.Contains("response:200", StringComparison.Ordinal));
}
