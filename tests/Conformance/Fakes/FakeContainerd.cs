using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>
/// An in-process containerd: CRI, its events, its content, its stream server. It does what the kit asks of the real
/// one, and on demand what the real one does only on bad days: <see cref="Hang"/> and <see cref="Refuse"/>.
/// </summary>
internal sealed class FakeContainerd : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private WebApplication? _application;
    private int _ids;

    public FakeContainerd(string socket, TimeProvider time) => (Socket, _time) = (socket, time);

    public string Socket { get; }

    public string Endpoint => $"unix://{Socket}";

    public Lock Lock { get; } = new();

    public Dictionary<string, FakeSandbox> Sandboxes { get; } = [];

    public Dictionary<string, FakeContainer> Containers { get; } = [];

    public FakeImages Images { get; } = new();

    /// <summary>Methods of CRI that don't answer until the caller gives up, for pods of these names.</summary>
    public ConcurrentDictionary<(string Method, string Pod), bool> Hang { get; } = new();

    /// <summary>Methods of CRI that refuse, and with which message.</summary>
    public ConcurrentDictionary<string, string> Refuse { get; } = new();

    /// <summary>What commands in containers find with <c>test -f NAME</c>.</summary>
    public ConcurrentDictionary<string, bool> Files { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    public FakeEvents Events { get; } = new();

    public string StreamAddress { get; private set; } = "";

    public TimeProvider Time => _time;

    public async Task StartAsync()
    {
        _application = await FakeHost.StartAsync(
            Socket,
            services => services.AddSingleton(this).AddSingleton<FakeRuntimeService>().AddSingleton<FakeImageService>()
                .AddSingleton<FakeEventsService>().AddSingleton<FakeContentService>().AddSingleton<FakeImageStoreService>(),
            application =>
            {
                application.MapGrpcService<FakeRuntimeService>();
                application.MapGrpcService<FakeImageService>();
                application.MapGrpcService<FakeEventsService>();
                application.MapGrpcService<FakeContentService>();
                application.MapGrpcService<FakeImageStoreService>();
                application.Map("/exec", FakeExec.RunAsync);
                application.Map("/attach", context => FakeExec.AttachAsync(context, this));
                application.Map("/portforward", context => FakeForward.RunAsync(context, this));
            },
            http: true);
        StreamAddress = _application.Urls.First(url => url.StartsWith("http://127", StringComparison.Ordinal));
    }

    /// <summary>As kill -9 does: the socket goes, what ran runs on.</summary>
    public async Task StopAsync()
    {
        if (_application is not null) await FakeHost.StopAsync(_application);
        _application = null;
    }

    public void Continue(string container)
    {
        lock (Lock) Containers[container].Continue();
        Events.Publish("/tasks/exit", container);
    }

    public string NextId() => $"{Interlocked.Increment(ref _ids):x8}";

    /// <summary>Ends a container from outside, as the kernel's out-of-memory killer would.</summary>
    public void Kill(string pod, string container, int exitCode, string reason)
    {
        string id;
        lock (Lock)
        {
            var found = Containers.Values.Last(known => known.Config.Metadata.Name == container && Sandboxes[known.SandboxId].Config.Metadata.Name == pod
                && known.State == ContainerState.ContainerRunning);
            found.Kill(exitCode, reason);
            id = found.Id;
        }

        Events.Publish("/tasks/exit", id);
    }

    public async Task EnterAsync(string method, string pod, CancellationToken cancellation)
    {
        Calls.Enqueue($"{method} {pod}");
        if (Hang.ContainsKey((method, pod))) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        if (Refuse.TryGetValue(method, out var message)) throw new RpcException(new Status(StatusCode.Unknown, message));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        File.Delete(Socket);
    }
}

internal sealed class FakeSandbox(string id, PodSandboxConfig config, string address, long createdAt)
{
    public string Id => id;

    public PodSandboxConfig Config => config;

    public string Address => address;

    /// <summary>Nanoseconds since 1970.</summary>
    public long CreatedAt => createdAt;

    public bool Ready { get; set; } = true;
}
