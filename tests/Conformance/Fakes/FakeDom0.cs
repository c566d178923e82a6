using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>An in-process dom0 without guests: domains are what their calls say, and end when a test ends them.</summary>
internal sealed class FakeDom0 : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Channel<Domain>, bool> _watchers = new();
    private WebApplication? _application;

    public FakeDom0(string socket, TimeProvider time) => (Socket, Time) = (socket, time);

    public string Socket { get; }

    public string Endpoint => $"unix://{Socket}";

    public TimeProvider Time { get; }

    public Lock Lock { get; } = new();

    public Dictionary<string, Domain> Domains { get; } = [];

    /// <summary>Digest to the names of the entries that were imported.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<string>> Disks { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    public string? RefuseStart { get; set; }

    /// <summary>Those that came with the last start of each.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<ConfigFile>> ConfigFiles { get; } = new();

    public async Task StartAsync() => _application = await FakeHost.StartAsync(
        Socket,
        services => services.AddSingleton(this).AddSingleton<FakeDomains>().AddSingleton<FakeDiskImages>(),
        application =>
        {
            application.MapGrpcService<FakeDomains>();
            application.MapGrpcService<FakeDiskImages>();
        });

    public async Task StopAsync()
    {
        if (_application is not null) await FakeHost.StopAsync(_application);
        _application = null;
    }

    /// <summary>The guest ends by itself.</summary>
    public void End(string id, string reason, int? exitCode) => Change(id, domain =>
    {
        (domain.State, domain.Reason, domain.ProcessId) = (DomainState.Stopped, reason, 0);
        domain.StoppedAt = Timestamp.FromDateTimeOffset(Time.GetUtcNow());
        if (exitCode is { } code) domain.ExitCode = code;
    });

    public Domain Change(string id, Action<Domain> change)
    {
        Domain copy;
        lock (Lock)
        {
            var domain = Domains.TryGetValue(id, out var known) ? known : throw new RpcException(new Status(StatusCode.NotFound, id));
            change(domain);
            copy = domain.Clone();
        }

        foreach (var watcher in _watchers.Keys) watcher.Writer.TryWrite(copy);
        return copy;
    }

    public Domain Find(string id)
    {
        lock (Lock) return Domains.TryGetValue(id, out var known) ? known.Clone() : throw new RpcException(new Status(StatusCode.NotFound, id));
    }

    public async Task WatchAsync(IServerStreamWriter<Domain> writer, CancellationToken cancellation)
    {
        var channel = Channel.CreateUnbounded<Domain>();
        _watchers[channel] = true;
        lock (Lock)
            foreach (var domain in Domains.Values) channel.Writer.TryWrite(domain.Clone());
        try
        {
            await foreach (var domain in channel.Reader.ReadAllAsync(cancellation)) await writer.WriteAsync(domain, cancellation);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _watchers.TryRemove(channel, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        File.Delete(Socket);
    }
}

internal sealed class FakeDomains(FakeDom0 host) : Orchestrator.Dom0.V1.Domains.DomainsBase
{
    public override Task<HostDescription> Describe(DescribeRequest request, ServerCallContext context) => Task.FromResult(new HostDescription
    {
        Version = "fake",
        Engines =
        {
            new EngineDescription { Name = "uml", Available = true, Message = "6.1" },
            new EngineDescription { Name = "qemu", Available = true, Message = "7.2" },
            new EngineDescription { Name = "kvm", Message = "no /dev/kvm" },
        },
        Virtualization = new Virtualization { HypervisorType = "type-2", CpuExtension = "svm" },
    });

    public override Task<Domain> Create(CreateDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Create {request.Id}");
        lock (host.Lock)
        {
            if (!host.Disks.ContainsKey(request.Spec.RootImageDigest)) throw new RpcException(new Status(StatusCode.NotFound, $"disk image {request.Spec.RootImageDigest} not found"));
            if (host.Domains.TryGetValue(request.Id, out var known))
                return known.Spec.Equals(request.Spec) ? Task.FromResult(known.Clone()) : throw new RpcException(new Status(StatusCode.FailedPrecondition, "another spec"));
            host.Domains[request.Id] = new Domain { Id = request.Id, Spec = request.Spec, State = DomainState.Created };
        }

        return Task.FromResult(host.Change(request.Id, _ => { }));
    }

    public override Task<Domain> Start(StartDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Start {request.Id}");
        if (host.RefuseStart is { } why) throw new RpcException(new Status(StatusCode.Internal, why));
        return Task.FromResult(host.Change(request.Id, domain =>
        {
            if (domain.State == DomainState.Running) return;
            (domain.State, domain.Reason, domain.Starts, domain.ProcessId) = (DomainState.Running, "", domain.Starts + 1, 4711);
            if (request.PowerCycle.Length > 0) domain.PowerCycle = request.PowerCycle;
            Take(domain, request.Settings);
            domain.ClearExitCode();
            domain.StoppedAt = null;
            domain.StartedAt = Timestamp.FromDateTimeOffset(host.Time.GetUtcNow());
        }));
    }

    public override Task<Domain> Stop(StopDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Stop {request.Id} {request.GraceSeconds}");
        bool running;
        lock (host.Lock) running = host.Domains.TryGetValue(request.Id, out var known) && known.State is DomainState.Running or DomainState.Paused;
        if (running) host.End(request.Id, request.GraceSeconds == 0 ? "Killed" : "GuestShutdown", request.GraceSeconds == 0 ? 137 : 0);
        return Task.FromResult(host.Find(request.Id));
    }

    public override Task<Domain> Restart(RestartDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Restart {request.Id} {request.GraceSeconds} {request.PowerCycle}");
        return Task.FromResult(host.Change(request.Id, domain =>
        {
            if (domain.PowerCycle == request.PowerCycle) return;
            (domain.State, domain.Starts, domain.PowerCycle) = (DomainState.Running, domain.Starts + 1, request.PowerCycle);
            Take(domain, request.Settings);
        }));
    }

    private void Take(Domain domain, StartSettings? settings)
    {
        if (settings is not null) host.ConfigFiles[domain.Id] = settings.ConfigFiles;
        if (settings?.Vcpus > 0) domain.Spec.Vcpus = settings.Vcpus;
        if (settings?.MemoryBytes > 0) domain.Spec.MemoryBytes = settings.MemoryBytes;
    }

    public override Task<Domain> Pause(PauseDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Pause {request.Id}");
        return Task.FromResult(host.Change(request.Id, domain => domain.State = DomainState.Paused));
    }

    public override Task<Domain> Resume(ResumeDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Resume {request.Id}");
        return Task.FromResult(host.Change(request.Id, domain => domain.State = DomainState.Running));
    }

    public override Task<DestroyDomainResponse> Destroy(DestroyDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Destroy {request.Id}");
        lock (host.Lock) host.Domains.Remove(request.Id);
        return Task.FromResult(new DestroyDomainResponse());
    }

    public override Task<Domain> Get(GetDomainRequest request, ServerCallContext context) => Task.FromResult(host.Find(request.Id));

    public override Task<Domain> Snapshot(SnapshotDomainRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Snapshot {request.Id} {request.Name}");
        if (request.Name == "too-many") throw new RpcException(new Status(StatusCode.ResourceExhausted, "it has 12"));
        return Task.FromResult(host.Change(request.Id, domain => domain.Snapshots.Add(new DomainSnapshot { Name = request.Name })));
    }

    public override Task<Domain> RemoveSnapshot(RemoveSnapshotRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"RemoveSnapshot {request.Id} {request.Name}");
        return Task.FromResult(host.Change(request.Id, domain => domain.Snapshots.Remove(domain.Snapshots.First(snapshot => snapshot.Name == request.Name))));
    }

    public override Task<Domain> GrowDisk(GrowDiskRequest request, ServerCallContext context)
    {
        host.Calls.Enqueue($"Grow {request.Id} {request.Disk} {request.Bytes}");
        if (request.Disk == "root") throw new RpcException(new Status(StatusCode.InvalidArgument, "bytes: disk root has more"));
        return Task.FromResult(host.Change(request.Id, domain => domain.Spec.Disks.Single(disk => disk.Name == request.Disk).Bytes = request.Bytes));
    }

    public override Task<DomainFigures> Measure(MeasureDomainRequest request, ServerCallContext context)
        => host.Find(request.Id).State is DomainState.Running or DomainState.Paused
            ? Task.FromResult(new DomainFigures
            {
                TakenAtNanoseconds = 1,
                CpuNanoseconds = 2,
                GuestPages = 3,
                Ring = new RingFigures { Slots = 4 },
                Disks = { new DiskFigures { Name = "root", Writes = 5, QueueTime = new LatencyFigures(), ServiceTime = new LatencyFigures { Count = 6, P99Nanoseconds = 7 } } },
            })
            : throw new RpcException(new Status(StatusCode.FailedPrecondition, request.Id));

    public override Task<ListDomainsResponse> List(ListDomainsRequest request, ServerCallContext context)
    {
        lock (host.Lock) return Task.FromResult(new ListDomainsResponse { Domains = { host.Domains.Values.Select(domain => domain.Clone()) } });
    }

    public override Task Watch(WatchDomainsRequest request, IServerStreamWriter<Domain> responseStream, ServerCallContext context)
        => host.WatchAsync(responseStream, context.CancellationToken);

    /// <summary>Prints one line and then repeats what is typed; without following it ends after the line.</summary>
    public override async Task Console(IAsyncStreamReader<DomainConsoleInput> requestStream, IServerStreamWriter<DomainConsoleOutput> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken)) return;
        var start = requestStream.Current.Start;
        host.Find(start.Id);
        await responseStream.WriteAsync(new DomainConsoleOutput { Data = ByteString.CopyFromUtf8("booted\n") });
        if (!start.Follow) return;
        await foreach (var typed in requestStream.ReadAllAsync(context.CancellationToken)) await responseStream.WriteAsync(new DomainConsoleOutput { Data = typed.Data });
    }
}

internal sealed class FakeDiskImages(FakeDom0 host) : DiskImages.DiskImagesBase
{
    public override Task<DiskImage> Get(GetDiskImageRequest request, ServerCallContext context)
        => host.Disks.ContainsKey(request.Digest) ? Task.FromResult(new DiskImage { Digest = request.Digest }) : throw new RpcException(new Status(StatusCode.NotFound, request.Digest));

    public override async Task<DiskImage> Import(IAsyncStreamReader<ImportDiskImageRequest> requestStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        var digest = requestStream.Current.Digest;
        using var archive = new MemoryStream();
        await foreach (var part in requestStream.ReadAllAsync(context.CancellationToken)) archive.Write(part.Data.Span);
        archive.Position = 0;
        List<string> names = [];
        using var reader = new TarReader(archive);
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            using var data = new MemoryStream();
            entry.DataStream?.CopyTo(data);
            if (entry.Name.StartsWith("blobs/", StringComparison.Ordinal) && $"sha256:{Path.GetFileName(entry.Name)}" != Containerd.OciArchive.Digest(data.ToArray()))
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"{entry.Name} has another digest"));
        }

        host.Disks[digest] = names;
        return new DiskImage { Digest = digest, SizeBytes = archive.Length };
    }
}
