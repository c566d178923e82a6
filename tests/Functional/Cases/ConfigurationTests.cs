using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary>The example of a pod with its configuration and its secret.</summary>
public sealed class ConfigurationTests(DevCluster cluster)
{
    [Fact]
    public async Task A_pod_reads_its_configuration_and_hears_of_a_change_without_a_restart()
    {
        Assert.Equal("hello correct-horse host-", await InPodAsync("echo $GREETING $TOKEN ${HOST%[12]}"));
        Assert.Equal("welcome\ncorrect-horse", await InPodAsync("cat /etc/app/banner.txt /run/credentials/token"));

        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: app}
            data: {greeting: hello, banner.txt: changed}
            """)).Succeeded();
        await Eventually.HoldsAsync(() => InPodAsync("cat /etc/app/banner.txt"), text => text == "changed", TimeSpan.FromSeconds(60), "the file changes");
        Assert.Equal("0", await cluster.FieldAsync("pod/configured", ".status.containerStatuses[0].restartCount"));
    }

    [Fact]
    public async Task A_pod_that_names_what_is_missing_says_so_and_runs_when_it_comes()
    {
        (await cluster.ApplyAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: early-bird}
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [{name: v, secret: {secretName: worm}}]
              containers: [{name: main, image: "{{{DevCluster.Image}}}", volumeMounts: [{name: v, mountPath: /v}]}]
            """)).Succeeded();
        await Eventually.HoldsAsync(
            async () => (await cluster.OrcAsync("describe", "pod", "early-bird")).Succeeded(),
            text => text.Contains("secret \"worm\" not found", StringComparison.Ordinal), TimeSpan.FromSeconds(60), "an event names the secret");
        (await cluster.ApplyAsync("apiVersion: v1\nkind: Secret\nmetadata: {name: worm}\nstringData: {k: caught}\n")).Succeeded();
        await cluster.WaitForPhaseAsync("pod/early-bird", "Running");
        Assert.Equal("caught", (await cluster.OrcAsync("exec", "early-bird", "--", "cat", "/v/k")).Succeeded());
        await cluster.DeleteAsync("pod/early-bird", "secret/worm");
    }

    private async Task<string> InPodAsync(string script) => (await cluster.OrcAsync("exec", "configured", "--", "sh", "-c", script)).Succeeded().Trim();
}
