using System.Diagnostics;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>Debian's kubectl, as it is, against one silo.</summary>
internal sealed class Kubectl(Uri server, string ns, string home)
{
    private static readonly string Program = Tools.InRepository("artifacts/tools/kubernetes-client/usr/bin/kubectl");

    /// <summary>What it prints; it must succeed.</summary>
    public async Task<string> Run(params string[] arguments)
    {
        var (code, output, errors) = await Try(null, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {errors}{output}");
        return output.Trim();
    }

    /// <summary>The same with a text on its standard input.</summary>
    public async Task<string> Feed(string input, params string[] arguments)
    {
        var (code, output, errors) = await Try(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {errors}{output}");
        return output.Trim();
    }

    /// <summary>What it complains about; it must fail.</summary>
    public async Task<string> Fail(string? input, params string[] arguments)
    {
        var (code, output, errors) = await Try(input, arguments);
        Assert.True(code != 0, $"kubectl {string.Join(' ', arguments)} succeeded: {output}");
        return errors.Trim();
    }

    /// <summary>Starts it and leaves it running.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--server", server.ToString(), "--namespace", ns, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["HOME"] = home;
        // An editor that edits by itself.
        start.Environment["KUBE_EDITOR"] = "sed -i s/web:1/web:edited/";
        return Process.Start(start)!;
    }

    private async Task<(int Code, string Output, string Errors)> Try(string? input, string[] arguments)
    {
        using var process = Start(arguments);
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
