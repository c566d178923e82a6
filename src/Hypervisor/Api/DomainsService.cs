using Grpc.Core;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;
using Domain = Orchestrator.Hypervisor.Domains.Domain;
using StartSettings = Orchestrator.Hypervisor.Domains.StartSettings;
using Wire = Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Api;

/// <summary>The contract's Domains: checks the request, asks the registry or the domain, translates the answer.</summary>
internal sealed class DomainsService : Wire.Domains.DomainsBase
{
    private static readonly string Version = typeof(DomainsService).Assembly.GetName().Version!.ToString(3);

    private const int LongestPowerCycle = 253;

    private readonly DomainRegistry _registry;
    private readonly EngineCatalog _engines;
    private readonly DomainFeed _feed;
    private readonly CgroupHierarchy _cgroups;
    private readonly CancellationToken _stopping;

    public DomainsService(
        DomainRegistry registry, EngineCatalog engines, DomainFeed feed, CgroupHierarchy cgroups, IHostApplicationLifetime lifetime)
    {
        _registry = registry;
        _engines = engines;
        _feed = feed;
        _cgroups = cgroups;
        _stopping = lifetime.ApplicationStopping;
    }

    public override async Task<HostDescription> Describe(DescribeRequest request, ServerCallContext context)
    {
        var description = new HostDescription { Version = Version };
        foreach (var engine in _engines.All)
        {
            var answer = await _engines.ProbeAsync(engine, context.CancellationToken);
            description.Engines.Add(new EngineDescription { Name = engine.Name, Available = answer.Available, Message = answer.Message });
        }

        var kvm = description.Engines.Single(engine => engine.Name == "kvm");
        description.Virtualization = new Virtualization
        {
            // Linux with KVM is the hypervisor itself; engines that are plain processes sit on top of an operating system.
            HypervisorType = kvm.Available ? "type-1" : "type-2",
            CpuExtension = HostVirtualization.CpuExtension(),
            Hardware = kvm.Available,
            Message = (HostVirtualization.IsGuest() ? "this host is a virtual machine itself; " : "") + kvm.Message,
        };
        return description;
    }

    public override async Task<Wire.Domain> Create(CreateDomainRequest request, ServerCallContext context)
    {
        var problems = DomainSpecRules.Violations(request.Id, request.Spec, _engines);
        if (problems.Count > 0 || !DomainId.TryParse(request.Id, out var id))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, string.Join("; ", problems)));
        }

        return Answer(await _registry.CreateAsync(id, DomainMapping.FromWire(request.Spec), context.CancellationToken));
    }

    public override async Task<Wire.Domain> Start(StartDomainRequest request, ServerCallContext context)
    {
        var domain = Find(request.Id);
        var settings = Settings(domain, request.Settings);
        using var calls = Linked(context);
        return Answer(await domain.Requests.StartAsync(request.PowerCycle.Length > 0 ? request.PowerCycle : null, settings, calls.Token));
    }

    public override async Task<Wire.Domain> Stop(StopDomainRequest request, ServerCallContext context)
    {
        using var calls = Linked(context);
        return Answer(await Find(request.Id).Requests.StopAsync(Grace(request.GraceSeconds), calls.Token));
    }

    public override async Task<Wire.Domain> Restart(RestartDomainRequest request, ServerCallContext context)
    {
        if (request.PowerCycle.Length is 0 or > LongestPowerCycle)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"power_cycle: must have 1 to {LongestPowerCycle} characters"));
        }

        var domain = Find(request.Id);
        var settings = Settings(domain, request.Settings);
        using var calls = Linked(context);
        return Answer(await domain.Requests.RestartAsync(Grace(request.GraceSeconds), request.PowerCycle, settings, calls.Token));
    }

    public override async Task<Wire.Domain> Pause(PauseDomainRequest request, ServerCallContext context)
    {
        using var calls = Linked(context);
        return Answer(await Find(request.Id).Requests.PauseAsync(calls.Token));
    }

    public override async Task<Wire.Domain> Resume(ResumeDomainRequest request, ServerCallContext context)
    {
        using var calls = Linked(context);
        return Answer(await Find(request.Id).Requests.ResumeAsync(calls.Token));
    }

    public override async Task<DestroyDomainResponse> Destroy(DestroyDomainRequest request, ServerCallContext context)
    {
        using var calls = Linked(context);
        if (_registry.Find(request.Id) is { } domain
            && await domain.Requests.DestroyAsync(calls.Token) is { Kind: not RefusalKind.NotFound } refusal)
        {
            throw Refusals.ToStatus(refusal);
        }

        return new DestroyDomainResponse();
    }

    public override async Task<Wire.Domain> Snapshot(SnapshotDomainRequest request, ServerCallContext context)
    {
        if (!DiskRules.IsSnapshotName(request.Name))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "name: must be at most 40 of a-z, 0-9 and '-'"));
        }

        using var calls = Linked(context);
        return Answer(await Find(request.Id).Requests.SnapshotAsync(request.Name, calls.Token));
    }

    public override async Task<Wire.Domain> RemoveSnapshot(RemoveSnapshotRequest request, ServerCallContext context)
    {
        using var calls = Linked(context);
        return Answer(await Find(request.Id).Requests.RemoveSnapshotAsync(request.Name, calls.Token));
    }

    public override async Task<Wire.Domain> GrowDisk(GrowDiskRequest request, ServerCallContext context)
    {
        if (request.Bytes == 0 || DiskRules.SizeViolations("bytes", request.Bytes).ToList() is { Count: > 0 } problems)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"bytes: {request.Bytes} is no size of a disk"));
        }

        using var calls = Linked(context);
        return Answer(await Find(request.Id).Requests.GrowDiskAsync(request.Disk, request.Bytes, calls.Token));
    }

    public override async Task<DomainFigures> Measure(MeasureDomainRequest request, ServerCallContext context) =>
        await Find(request.Id).MeasureAsync() is { } measured
            ? FiguresMapping.ToWire(measured)
            : throw new RpcException(new Status(StatusCode.FailedPrecondition, $"domain {request.Id} doesn't run"));

    public override Task<Wire.Domain> Get(GetDomainRequest request, ServerCallContext context) =>
        Task.FromResult(DomainMapping.ToWire(Find(request.Id).Record, _cgroups));

    public override Task<ListDomainsResponse> List(ListDomainsRequest request, ServerCallContext context)
    {
        var response = new ListDomainsResponse();
        response.Domains.AddRange(_registry.All
            .Select(domain => DomainMapping.ToWire(domain.Record, _cgroups))
            .OrderBy(domain => domain.Id, StringComparer.Ordinal));
        return Task.FromResult(response);
    }

    public override async Task Watch(
        WatchDomainsRequest request, IServerStreamWriter<Wire.Domain> responseStream, ServerCallContext context)
    {
        using var calls = Linked(context);
        var (now, changes) = _feed.Watch();
        try
        {
            foreach (var record in now)
            {
                await responseStream.WriteAsync(DomainMapping.ToWire(record, _cgroups), calls.Token);
            }

            await foreach (var record in changes.ReadAllAsync(calls.Token))
            {
                await responseStream.WriteAsync(DomainMapping.ToWire(record, _cgroups), calls.Token);
            }
        }
        catch (WatcherFellBehindException)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "the watcher read too slowly: watch again"));
        }
        finally
        {
            _feed.Unwatch(changes);
        }
    }

    public override async Task Console(
        IAsyncStreamReader<DomainConsoleInput> requestStream, IServerStreamWriter<DomainConsoleOutput> responseStream, ServerCallContext context)
    {
        using var calls = Linked(context);
        if (!await requestStream.MoveNext(calls.Token) || requestStream.Current.InputCase is not DomainConsoleInput.InputOneofCase.Start)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message must be start"));
        }

        var start = requestStream.Current.Start;
        await ConsoleSession.RunAsync(Find(start.Id), start, requestStream, responseStream, calls.Token);
    }

    private static TimeSpan Grace(int seconds) => seconds >= 0
        ? TimeSpan.FromSeconds(seconds)
        : throw new RpcException(new Status(StatusCode.InvalidArgument, "grace_seconds: must not be negative"));

    private StartSettings Settings(Domain domain, Wire.StartSettings? wire)
    {
        var settings = DomainMapping.FromWire(wire);
        var problems = StartRules.Violations(settings, domain.Record.Spec, _engines).ToList();
        return problems.Count == 0 ? settings : throw new RpcException(new Status(StatusCode.InvalidArgument, string.Join("; ", problems)));
    }

    private Domain Find(string id) => _registry.Find(id) ?? throw Refusals.Unknown(id);

    private Wire.Domain Answer(DomainAnswer answer) =>
        answer.Refusal is { } refusal ? throw Refusals.ToStatus(refusal) : DomainMapping.ToWire(answer.Record!, _cgroups);

    /// <summary>A call that waits ends with its caller, and with dom0.</summary>
    private CancellationTokenSource Linked(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _stopping);
}
