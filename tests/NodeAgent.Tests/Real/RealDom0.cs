using System.Diagnostics;
using Grpc.Core;
using Orchestrator.Conformance.Containerd;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Drivers.Machine;

namespace Orchestrator.NodeAgent.Tests.Real;

/// <summary>The real dom0 program with folders, a cgroup and user ids of its own. Its machines are gone before it is.</summary>
internal sealed class RealDom0 : IAsyncDisposable
{
    private const int FirstUserId = 1_900_000;
    private readonly Process _process;
    private readonly Task _copying;
    private readonly string _data;
    private readonly string _cgroup;

    private RealDom0(RealContainerd containerd)
    {
        // Beside containerd's data, which goes with it; the program is built beside these tests.
        _data = Path.Join(containerd.Data, "dom0");
        _cgroup = $"{containerd.CgroupParent}/dom0";
        Directory.CreateDirectory(_data);
        _process = containerd.StartInside(
            SiblingProgram.Path("Hypervisor", "dom0"), "--data", _data, "--socket", Socket, "--cgroup-parent", _cgroup,
            "--uid-base", $"{FirstUserId}", "--uid-count", "100");
        _copying = Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
    }

    public string Endpoint => $"unix://{Socket}";

    private string Socket => Path.Join(_data, "dom0.sock");

    public static async Task<RealDom0> StartAsync(RealContainerd containerd)
    {
        var dom0 = new RealDom0(containerd);
        using var client = Dom0Client.Open(dom0.Endpoint);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            if (dom0._process.HasExited) throw new InvalidOperationException($"dom0 ended with status {dom0._process.ExitCode}");
            try
            {
                await client.Domains.DescribeAsync(new DescribeRequest(), cancellationToken: limit.Token);
                return dom0;
            }
            catch (RpcException notYet) when (notYet.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var client = Dom0Client.Open(Endpoint))
            foreach (var domain in (await client.Domains.ListAsync(new ListDomainsRequest())).Domains)
                await client.Domains.DestroyAsync(new DestroyDomainRequest { Id = domain.Id });
        _process.Kill();
        await _process.WaitForExitAsync();
        await _copying;
        _process.Dispose();
        await HostCommand.TryAsync("sh", "-c", $"for c in /sys/fs/cgroup/*{_cgroup}; do find \"$c\" -depth -type d -exec rmdir {{}} + ; done");
        await HostCommand.TryAsync("rm", "-rf", _data);
    }
}
