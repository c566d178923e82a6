using System.Diagnostics;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>A host's network of our own: a namespace with loopback and a bridge that has an address. It goes with its one process.</summary>
internal sealed class TestNetwork : IDisposable
{
    private readonly Process _holder;

    public TestNetwork(string bridge, string address)
    {
        _holder = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "echo ready; exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", _holder.StandardOutput.ReadLine());
        Run("ip", "link", "set", "lo", "up");
        Run("ip", "link", "add", bridge, "type", "bridge");
        Run("ip", "address", "add", address, "dev", bridge);
        Run("ip", "link", "set", bridge, "up");
    }

    /// <summary>The words that run a command in it, in the same process.</summary>
    public string[] Entry => ["nsenter", $"--net=/proc/{_holder.Id}/ns/net"];

    /// <summary>What it printed.</summary>
    public string Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(Entry[0], [.. Entry[1..], .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {output}{errors.Result}");
        return output;
    }

    public void Dispose()
    {
        _holder.Kill();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
