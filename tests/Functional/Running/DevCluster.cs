using System.Globalization;
using Grpc.Net.Client;
using Orchestrator.Api.V1;
using Orchestrator.Functional.Running;

[assembly: AssemblyFixture(typeof(DevCluster))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Orchestrator.Functional.Running;

/// <summary>
/// A cluster of two hosts, brought up by <c>./dev up</c> as the README says, under a name of its own, and taken down
/// at the end. Everything that a test does to it, it does from outside: with orc, over gRPC, by killing processes.
/// </summary>
public sealed class DevCluster : IAsyncLifetime
{
    public const string Image = "localhost/orchestrator/web:1";
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Minutes = TimeSpan.FromMinutes(4);

    private readonly Dictionary<string, string> _environment;
    private GrpcChannel? _channel;

    public DevCluster() : this('f')
    {
    }

    /// <summary>The letter tells apart the clusters of one work tree; clusters of several work trees stand beside each other.</summary>
    internal DevCluster(char letter)
    {
        Name = $"{letter}{Repository.Id}";
        Directory = $"/var/lib/orchestrator-dev-{Name}";
        Port = 20_000 + 260 * (Convert.ToInt32(Repository.Id, 16) % 45) + 10 * (letter - 'a');
        _environment = new Dictionary<string, string>
        {
            ["ORCHESTRATOR_DEV_NAME"] = Name,
            ["ORCHESTRATOR_DEV_DIR"] = Directory,
            ["ORCHESTRATOR_DEV_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
        };
    }

    public string Name { get; }
    public string Directory { get; }
    public int Port { get; }

    /// <summary>What <c>./dev up</c> printed.</summary>
    public string UpOutput { get; private set; } = "";

    public Api.V1.Objects.ObjectsClient Objects => new(Channel);

    public Api.V1.Workloads.WorkloadsClient Workloads => new(Channel);

    private GrpcChannel Channel => _channel ??= GrpcChannel.ForAddress(
        $"http://127.0.0.1:{Port}", new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null });

    public async ValueTask InitializeAsync()
    {
        (await DevAsync("down")).Succeeded();
        var up = await DevAsync("up", "--hosts", "2");
        UpOutput = up.Output;
        if (up.ExitCode == 0) return;
        await DisposeAsync();
        Assert.Fail(up.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        (await DevAsync("down")).Succeeded();
    }

    public async Task<CommandResult> DevAsync(params string[] arguments)
    {
        await using var dev = RunningCommand.Start(Repository.File("dev"), arguments, _environment);
        dev.EndInput();
        return await dev.EndsAsync(Minutes);
    }

    public RunningCommand StartOrc(params string[] arguments) =>
        RunningCommand.Start(Repository.File("artifacts/bin/orc"), ["--server", $"http://127.0.0.1:{Port}", .. arguments]);

    public async Task<CommandResult> OrcAsync(params string[] arguments)
    {
        await using var orc = StartOrc(arguments);
        orc.EndInput();
        return await orc.EndsAsync(Minutes);
    }

    public async Task<CommandResult> ApplyAsync(string manifest)
    {
        await using var orc = StartOrc("apply", "-f", "-");
        await orc.TypeAsync(manifest);
        orc.EndInput();
        return await orc.EndsAsync(Soon);
    }

    /// <summary>One field of an object, empty if it isn't set.</summary>
    public async Task<string> FieldAsync(string resource, string path) =>
        (await OrcAsync("get", resource, "-o", $"jsonpath={{{path}}}")).Succeeded();

    public async Task WaitForPhaseAsync(string resource, string phase)
    {
        var wait = await OrcAsync("wait", $"--for=jsonpath={{.status.phase}}={phase}", resource, "--timeout=60s");
        if (wait.ExitCode != 0) Assert.Fail($"{wait}\n{await OrcAsync("describe", resource)}");
    }

    public async Task DeleteAsync(params string[] resources) =>
        (await OrcAsync(["delete", .. resources, "--ignore-not-found", "--timeout=60s"])).Succeeded();

    /// <summary>GETs a URL from the cluster's fabric, which is no host.</summary>
    public Task<CommandResult> CurlAsync(string url) => DevAsync("curl", url);

    public async Task<string> InHostAsync(string host, params string[] command) =>
        (await DevAsync(["enter", host, .. command])).Succeeded();

    /// <summary>Kills one of the cluster's processes with SIGKILL.</summary>
    public async Task KillAsync(string process)
    {
        var id = ProcessId(process);
        await using var kill = RunningCommand.Start("/bin/kill", ["-KILL", id]);
        (await kill.EndsAsync(Soon)).Succeeded();
    }

    public string ProcessId(string process) => File.ReadAllText(Path.Combine(Directory, "run", $"{process}.pid")).Split(' ')[0];

    /// <summary>Brings back what died, as a user would.</summary>
    public async Task RepairAsync() => (await DevAsync("up", "--no-examples")).Succeeded();
}
