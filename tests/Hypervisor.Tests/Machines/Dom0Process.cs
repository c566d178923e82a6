using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Tests.Images;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>The real dom0 executable with a data directory, a control group and user ids of its own, and a client of it.</summary>
internal sealed class Dom0Process : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    // A measurement wants the published one.
    private static readonly string Program =
        Environment.GetEnvironmentVariable("DOM0_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "dom0");

    private static int _count;

    private readonly GrpcChannel _channel;
    private readonly int _uidBase;
    private Process? _process;

    private readonly string[] _entry;

    /// <param name="network">The network that is its host's; null: the one we are in.</param>
    public Dom0Process(TestNetwork? network = null)
    {
        _entry = network?.Entry ?? [];
        var number = Interlocked.Increment(ref _count);
        Root = Directory.CreateTempSubdirectory("dom0-test-").FullName;
        Directory.CreateDirectory(Data);
        CgroupParent = $"/dom0-test-{Environment.ProcessId}-{number}";
        _uidBase = 300_000 + Environment.ProcessId % 10_000 * 100 + number * 10;
        _channel = GrpcChannel.ForAddress("http://dom0", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = (_, cancellation) => ConnectAsync(cancellation) },
        });
        Domains = new Orchestrator.Dom0.V1.Domains.DomainsClient(_channel);
        Images = new DiskImages.DiskImagesClient(_channel);
    }

    public string Root { get; }

    public string Data => Path.Combine(Root, "data");

    public string Socket => Path.Combine(Root, "dom0.sock");

    public string CgroupParent { get; }

    public Orchestrator.Dom0.V1.Domains.DomainsClient Domains { get; }

    public DiskImages.DiskImagesClient Images { get; }

    public int Pid => _process!.Id;

    public async Task StartAsync()
    {
        File.Delete(Socket);
        string[] command = [.. _entry, Program, .. Arguments()];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
        })!;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = CollectAsync(_process.StandardError, started);
        await started.Task.WaitAsync(Limit);
    }

    /// <summary>Its exit code and what it said, when it can't start.</summary>
    public async Task<(int ExitCode, string Error)> TryStartAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "dom0"), [.. Arguments(), .. arguments])
        {
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Limit);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, error);
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task<string> ImportAsync(OciArchive image)
    {
        using var call = Images.Import();
        await call.RequestStream.WriteAsync(new ImportDiskImageRequest { Digest = image.Digest });
        foreach (var chunk in image.ToArray().Chunk(1 << 20))
        {
            await call.RequestStream.WriteAsync(new ImportDiskImageRequest { Data = ByteString.CopyFrom(chunk) });
        }

        await call.RequestStream.CompleteAsync();
        return (await call.ResponseAsync.WaitAsync(Limit)).Digest;
    }

    public Task<string> ImportBusyboxAsync(params string[] command) => ImportAsync(OciArchive.Busybox(
        new JsonObject { ["Cmd"] = new JsonArray([.. command.Select(word => (JsonNode)word)]) },
        "sh", "ls", "id", "sleep", "cat", "echo", "poweroff", "env"));

    public async Task<Domain> RunAsync(string id, DomainSpec spec)
    {
        await Domains.CreateAsync(new CreateDomainRequest { Id = id, Spec = spec });
        return await Domains.StartAsync(new StartDomainRequest { Id = id });
    }

    public async Task<Domain> WaitAsync(string id, Func<Domain, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var watch = Domains.Watch(new WatchDomainsRequest(), cancellationToken: limit.Token);
        while (await watch.ResponseStream.MoveNext(limit.Token))
        {
            if (watch.ResponseStream.Current.Id == id && wanted(watch.ResponseStream.Current))
            {
                return watch.ResponseStream.Current;
            }
        }

        throw new InvalidOperationException("the watch ended");
    }

    /// <summary>Whether the kernel says that a domain's processes stand still, on either version of control groups.</summary>
    public static bool IsFrozen(Domain domain)
    {
        var (old, @new) = ($"/sys/fs/cgroup/freezer{domain.Cgroup}/freezer.state", $"/sys/fs/cgroup{domain.Cgroup}/cgroup.events");
        return File.Exists(old) ? File.ReadAllText(old) == "FROZEN\n" : File.ReadLines(@new).Contains("frozen 1");
    }

    public IEnumerable<string> CgroupFolders() =>
        Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(root => root + CgroupParent).Where(Directory.Exists);

    public IEnumerable<int> ProcessesOf(long userId) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let status = int.TryParse(Path.GetFileName(folder), out _) ? StatusOf(folder) : ""
        where status.Contains($"Uid:\t{userId}\t", StringComparison.Ordinal) && !status.Contains("State:\tZ", StringComparison.Ordinal)
        select int.Parse(Path.GetFileName(folder));

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            try
            {
                foreach (var domain in (await Domains.ListAsync(new ListDomainsRequest())).Domains)
                {
                    await Domains.DestroyAsync(new DestroyDomainRequest { Id = domain.Id });
                }
            }
            finally
            {
                await KillAsync();
            }
        }

        _channel.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private static string StatusOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "status"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task CollectAsync(StreamReader reader, TaskCompletionSource started)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TestContext.Current.SendDiagnosticMessage("{0}", line);
            if (line.Contains("Application started", StringComparison.Ordinal))
            {
                started.TrySetResult();
            }
        }

        started.TrySetException(new InvalidOperationException("dom0 ended before it served"));
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string[] Arguments() =>
    [
        "--data", Data, "--socket", Socket, "--cgroup-parent", CgroupParent, "--uid-base", $"{_uidBase}", "--uid-count", "10",
    ];
}
