using System.Diagnostics;
using Xunit;

namespace Orchestrator.Conformance.Containerd;

/// <summary>
/// A containerd of its own in a network namespace of its own, with crun, a CNI bridge and two images. Everything
/// that it makes carries its name and goes with it.
/// </summary>
public sealed class RealContainerd : IAsyncLifetime
{
    public const string Busybox = "localhost/busybox:1";
    private const string Pause = "localhost/pause:1";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly int _streamPort = NamespaceForwarder.FreePort();
    private NamespaceForwarder? _streams;
    private Process? _process;

    public string Name { get; } = $"oct{Environment.ProcessId:x}";

    public string Data { get; }

    public string Socket => Path.Join(Data, "containerd.sock");

    public string Endpoint => $"unix://{Socket}";

    public string CgroupParent => $"/orchestrator-test/{Name}";

    public RealContainerd() => Data = Path.Join(Path.GetTempPath(), Name);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Join(Data, "cni"));
        await File.WriteAllTextAsync(Path.Join(Data, "containerd.toml"), Configuration());
        await File.WriteAllTextAsync(Path.Join(Data, "cni", "10-test.conflist"), Network());
        await HostCommand.RunAsync("ip", "netns", "add", Name);
        await HostCommand.RunAsync("ip", "-n", Name, "link", "set", "lo", "up");
        _streams = new NamespaceForwarder(Name, _streamPort);
        await StartAsync();
        OciArchive.WritePause(Path.Join(Data, "pause.tar"), Pause);
        OciArchive.WriteBusybox(Path.Join(Data, "busybox.tar"), Busybox);
        await ImportAsync("pause.tar");
        await ImportAsync("busybox.tar");
    }

    /// <summary>Starts it, again after <see cref="KillAsync"/>, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        File.Delete(Socket);
        _process = HostCommand.Start(
            "nsenter", $"--net=/run/netns/{Name}", "unshare", "-m", "--propagation", "private", "sh", "-c",
            $"umount /sys/fs/cgroup/unified; mount --make-rshared /; exec containerd --config {Data}/containerd.toml >>{Data}/containerd.log 2>&1");
        using var limit = new CancellationTokenSource(StartLimit);
        while (!await AnswersAsync()) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }

    /// <summary>kill -9: pods run on, nobody watches them.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public Task ImportAsync(string archive) => CtrAsync("images", "import", Path.Join(Data, archive));

    public Task<string> CtrAsync(params string[] arguments) => HostCommand.RunAsync("ctr", ["-a", Socket, "-n", "k8s.io", .. arguments]);

    /// <summary>Runs a program in the network namespace.</summary>
    public Process StartInside(string program, params string[] arguments)
        => HostCommand.Start("nsenter", [$"--net=/run/netns/{Name}", program, .. arguments]);

    /// <summary>Runs a program that sees containerd's mounts too, and whose mounts containerd sees.</summary>
    public Process StartBeside(string program, params string[] arguments)
        => HostCommand.Start("nsenter", [.. Namespaces(), program, .. arguments]);

    public Task<string> RunBesideAsync(string program, params string[] arguments) => HostCommand.RunAsync("nsenter", [.. Namespaces(), program, .. arguments]);

    private string[] Namespaces() => [$"--net=/run/netns/{Name}", $"--mount=/proc/{_process!.Id}/ns/mnt"];

    public async ValueTask DisposeAsync()
    {
        if (_streams is not null) await _streams.DisposeAsync();
        await RemoveTasksAsync();
        await KillAsync();
        await HostCommand.TryAsync("ip", "netns", "delete", Name);
        await HostCommand.TryAsync("sh", "-c", $"grep -o ' {Data}[^ ]*' /proc/self/mounts | sort -r | xargs -r -n1 umount -l");
        await HostCommand.TryAsync("sh", "-c",
            $"for c in /sys/fs/cgroup/*{CgroupParent}; do find \"$c\" -depth -type d -exec rmdir {{}} + ; done; rmdir /sys/fs/cgroup/*/orchestrator-test");
        await HostCommand.TryAsync("rm", "-rf", Data, $"/var/lib/cni/results/{Name}");
    }

    private async Task RemoveTasksAsync()
    {
        var (status, containers, _) = await HostCommand.TryAsync("ctr", "-a", Socket, "-n", "k8s.io", "containers", "list", "-q");
        if (status != 0) return;
        foreach (var id in containers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await HostCommand.TryAsync("ctr", "-a", Socket, "-n", "k8s.io", "tasks", "delete", "-f", id);
            await HostCommand.TryAsync("ctr", "-a", Socket, "-n", "k8s.io", "containers", "delete", id);
        }
    }

    private async Task<bool> AnswersAsync() => (await HostCommand.TryAsync("ctr", "-a", Socket, "version")).Status == 0;

    private string Configuration() => $"""
        version = 2
        root = "{Data}/root"
        state = "{Data}/state"
        oom_score = 0
        [grpc]
          address = "{Socket}"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{Pause}"
          stream_server_address = "127.0.0.1"
          stream_server_port = "{_streamPort}"
          netns_mounts_under_state_dir = true
          restrict_oom_score_adj = true
          disable_apparmor = true
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "{Data}/cni"
          [plugins."io.containerd.grpc.v1.cri".containerd]
            default_runtime_name = "crun"
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
            runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
              BinaryName = "/usr/bin/crun"
              Root = "{Data}/crun"
        """;

    private string Network() => $$$"""
        {"cniVersion": "0.4.0", "name": "{{{Name}}}", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipam": {
            "type": "host-local", "dataDir": "{{{Data}}}/ipam", "ranges": [[{"subnet": "10.251.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """;
}
