using System.Diagnostics;
using Orchestrator.Conformance.Containerd;

namespace Orchestrator.NodeAgent.Tests.Real;

/// <summary>The real agent program in the namespaces of a real containerd.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _copying;

    private AgentProcess(Process process, string log)
    {
        _process = process;
        _copying = Task.WhenAll(CopyAsync(process.StandardOutput, log), CopyAsync(process.StandardError, log + ".err"));
    }

    public int Id => _process.Id;

    public static AgentProcess Start(RealContainerd containerd, string silo, string dom0)
        => new(
            containerd.StartBeside(
                SiblingProgram.Path("NodeAgent", "orchestrator-agent"), "--host", "test-host", "--silo", silo, "--containerd", containerd.Endpoint,
                "--dom0", dom0, "--data", Path.Join(containerd.Data, "agent"), "--cgroup-parent", containerd.CgroupParent, "--runtime-handler", "crun",
                "--relist-seconds", "2", "--log-level", "Debug"),
            Path.Join(containerd.Data, "agent.log"));

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        await _copying;
        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, string path)
    {
        await using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await from.BaseStream.CopyToAsync(file);
    }
}
