using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

public sealed class PlacementTests(DevCluster cluster)
{
    [Fact]
    public async Task A_pod_that_fits_nowhere_stays_pending_with_one_event_that_says_why()
    {
        Assert.Equal("Pending", await cluster.FieldAsync("pod/too-large", ".status.phase"));
        Assert.Equal("", await cluster.FieldAsync("pod/too-large", ".spec.nodeName"));

        var events = (await cluster.OrcAsync("get", "events", "--field-selector", "involvedObject.name=too-large",
            "-o", "jsonpath={range .items[*]}{.reason}: {.message}{\"\\n\"}{end}")).Succeeded();
        var only = Assert.Single(events.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("FailedScheduling: 0/2 hosts are available", only);
        Assert.Contains("insufficient cpu", only);
        Assert.Contains("insufficient memory", only);
    }

    [Fact]
    public async Task Explain_names_the_rule_that_removed_the_hosts()
    {
        var explanation = (await cluster.OrcAsync("explain", "pod/too-large")).Succeeded();
        Assert.Contains("cpu", explanation, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("host-", explanation);
    }

    [Fact]
    public async Task A_node_selector_decides_where_a_pod_runs()
    {
        (await cluster.OrcAsync("get", "node", "host-2", "--show-labels")).Succeeded();
        (await cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: selective}
            spec:
              nodeSelector: {kubernetes.io/hostname: host-2}
              terminationGracePeriodSeconds: 5
              containers: [{name: main, image: "{{DevCluster.Image}}"}]
            """)).Succeeded();
        await cluster.WaitForPhaseAsync("pod/selective", "Running");
        Assert.Equal("host-2", await cluster.FieldAsync("pod/selective", ".spec.nodeName"));
        await cluster.DeleteAsync("pod/selective");
    }
}
