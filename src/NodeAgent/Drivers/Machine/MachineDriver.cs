using System.Runtime.CompilerServices;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Networking;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>
/// Runs virtual machines through dom0. A machine is one domain whose id is the machine's uid; it has no environment
/// beside its unit. A domain that exists is started as it is, but for what a start takes anew (<see cref="StartsOfDomains"/>): what else its
/// object says later counts when it is made anew.
/// </summary>
internal sealed class MachineDriver(Dom0Client dom0, MachineDisks disks, MachineNetworks networks, TimeProvider time)
    : IWorkloadDriver, IConsoleSource, IPortForwarder, IFiguresSource, IPowerControl, ISnapshots, IDiskGrowth
{
    private const string CloudInitError = "CloudInitError";

    public WorkloadKind Kind => WorkloadKind.VirtualMachine;

    public Task<DriverFingerprint> FingerprintAsync(CancellationToken cancellation) => MachineFingerprint.ReadAsync(dom0, cancellation);

    public async Task<IReadOnlyList<WorkloadSummary>> ListAsync(CancellationToken cancellation)
    {
        var answer = await dom0.Domains.ListAsync(new ListDomainsRequest(), Dom0Client.Within(Dom0Client.Look, cancellation));
        var domains = answer.Domains.Select(domain => new WorkloadSummary(
            DomainSpecs.IdOf(domain), $"{domain.State}:{domain.Starts}:{domain.ProcessId}:{domain.PowerCycle}:{domain.Snapshots.Count}"));
        // An address that was taken and never came to a domain is something left behind too.
        return [.. domains.Concat(networks.Holders().Select(id => new WorkloadSummary(id, ""))).DistinctBy(summary => summary.Id)];
    }

    public async Task<WorkloadSnapshot> GetAsync(WorkloadId id, CancellationToken cancellation)
        => await FindAsync(id, cancellation) is { } domain ? DomainRuns.Snapshot(id, domain) : new WorkloadSnapshot { Id = id };

    public Task<StepOutcome> PrepareAsync(DesiredWorkload workload, WorkloadSnapshot snapshot, CancellationToken cancellation)
        => Task.FromResult(StepOutcome.Done);

    public async Task<StepOutcome> StartAsync(UnitStart start, CancellationToken cancellation)
    {
        var id = start.Workload.Id;
        var step = "CreateDomainError";
        try
        {
            var found = await FindAsync(id, cancellation);
            if (found is not null) await networks.PrepareAsync(id, cancellation);
            else if (StartsOfDomains.Problem(start.Workload) is { Failed: true } notYet) return notYet;
            else
            {
                // Each pair goes on together: neither needs what the other brings, and both wait for other programs of the host.
                var (providing, addressing) = (disks.ProvideAsync(start, cancellation), networks.ProvideAsync(start.Workload, cancellation));
                await Task.WhenAll(providing, addressing);
                var (images, cards) = (await providing, await addressing);
                if (images.Outcome.Failed)
                {
                    // Who has no disk must not hold an address that another could use.
                    await networks.ReleaseAsync(id, cancellation);
                    return images.Outcome;
                }

                if (cards.Outcome.Failed) return cards.Outcome;

                var spec = DomainSpecs.Build(start.Workload, images.Root, images.More, cards.Cards);
                var creating = dom0.Domains.CreateAsync(new CreateDomainRequest { Id = id.Uid, Spec = spec }, Dom0Client.Within(Dom0Client.Act, cancellation));
                await Task.WhenAll(creating.ResponseAsync, networks.PrepareAsync(id, cancellation));
                found = await creating.ResponseAsync;
            }

            step = "StartDomainError";
            var domain = await dom0.Domains.StartAsync(StartsOfDomains.Request(start.Workload, found), Dom0Client.Within(Dom0Client.Act, cancellation));
            return domain.State == DomainState.Failed ? new StepOutcome(Or(domain.Reason, step), domain.Message) : StepOutcome.Done;
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return new StepOutcome(step, refused.Status.Detail);
        }
        catch (ConfigurationProblemException missing)
        {
            return new StepOutcome(CloudInitError, missing.Message);
        }
        catch (IOException broken)
        {
            return new StepOutcome("NetworkNotReady", broken.Message);
        }
    }

    public async Task StopAsync(WorkloadId id, UnitRun run, TimeSpan grace, CancellationToken cancellation) => await CriErrors.UnlessAbsentAsync(
        dom0.Domains.StopAsync(
            new StopDomainRequest { Id = id.Uid, GraceSeconds = (int)grace.TotalSeconds }, Dom0Client.Within(grace + Dom0Client.Act, cancellation)).ResponseAsync);

    public async Task<StepOutcome> CyclePowerAsync(DesiredWorkload workload, PowerCycle cycle, CancellationToken cancellation)
    {
        var seconds = cycle.Type == "Reset" ? 0 : (int)workload.Grace.TotalSeconds;
        try
        {
            if (await FindAsync(workload.Id, cancellation) is not { } domain) return StepOutcome.Done;
            var settings = StartsOfDomains.Settings(workload, domain);
            var request = new RestartDomainRequest { Id = workload.Id.Uid, GraceSeconds = seconds, PowerCycle = cycle.Id, Settings = settings };
            await dom0.Domains.RestartAsync(request, Dom0Client.Within(workload.Grace + Dom0Client.Act, cancellation));
            return StepOutcome.Done;
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return new StepOutcome("RestartDomainError", refused.Status.Detail);
        }
        catch (ConfigurationProblemException missing)
        {
            return new StepOutcome(CloudInitError, missing.Message);
        }
    }

    public async Task PauseAsync(WorkloadId id, CancellationToken cancellation)
        => await dom0.Domains.PauseAsync(new PauseDomainRequest { Id = id.Uid }, Dom0Client.Within(Dom0Client.Act, cancellation));

    public async Task ResumeAsync(WorkloadId id, CancellationToken cancellation)
        => await dom0.Domains.ResumeAsync(new ResumeDomainRequest { Id = id.Uid }, Dom0Client.Within(Dom0Client.Act, cancellation));

    public Task ReleaseAsync(WorkloadSnapshot snapshot, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Its address last: until the guest is gone, it may speak from it.</summary>
    public async Task DestroyAsync(WorkloadId id, CancellationToken cancellation)
    {
        await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = id.Uid }, Dom0Client.Within(Dom0Client.Act, cancellation));
        await networks.ReleaseAsync(id, cancellation);
    }

    public async IAsyncEnumerable<WorkloadId?> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = dom0.Domains.Watch(new WatchDomainsRequest(), cancellationToken: cancellation);
        yield return null;
        await foreach (var domain in call.ResponseStream.ReadAllAsync(cancellation)) yield return DomainSpecs.IdOf(domain);
    }

    public Task<StreamEnd> AttachConsoleAsync(ConsoleTarget target, WorkloadStream stream, CancellationToken cancellation)
        => new MachineConsole(dom0).RunAsync(target, stream, cancellation);

    public Task<StreamEnd> ForwardAsync(ForwardTarget target, WorkloadStream stream, CancellationToken cancellation)
        => new MachineForward(this, time).RunAsync(target, stream, cancellation);

    public async Task TakeSnapshotAsync(WorkloadId id, string name, CancellationToken cancellation)
        => await dom0.Domains.SnapshotAsync(new SnapshotDomainRequest { Id = id.Uid, Name = name }, Dom0Client.Within(Dom0Client.Act, cancellation));

    public async Task RemoveSnapshotAsync(WorkloadId id, string name, CancellationToken cancellation)
        => await dom0.Domains.RemoveSnapshotAsync(new RemoveSnapshotRequest { Id = id.Uid, Name = name }, Dom0Client.Within(Dom0Client.Act, cancellation));

    public async Task GrowDiskAsync(WorkloadId id, DiskSize wanted, CancellationToken cancellation) => await dom0.Domains.GrowDiskAsync(
        new GrowDiskRequest { Id = id.Uid, Disk = wanted.Disk, Bytes = wanted.Bytes }, Dom0Client.Within(Dom0Client.Act, cancellation));

    public async Task<StreamEnd> MeasureAsync(FiguresTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        try
        {
            var figures = await dom0.Domains.MeasureAsync(new MeasureDomainRequest { Id = target.Workload.Uid }, Dom0Client.Within(Dom0Client.Look, cancellation));
            await stream.Write(new AgentFrame { Figures = FiguresOfDomain.Convert(figures) }, cancellation);
            return StreamEnd.Completed;
        }
        catch (RpcException absent) when (absent.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            return StreamEnd.NotFound($"{WorkloadId.From(target.Workload)} doesn't run on this host");
        }
    }

    private async Task<Domain?> FindAsync(WorkloadId id, CancellationToken cancellation)
    {
        try
        {
            return await dom0.Domains.GetAsync(new GetDomainRequest { Id = id.Uid }, Dom0Client.Within(Dom0Client.Look, cancellation));
        }
        catch (RpcException absent) when (absent.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private static string Or(string reason, string otherwise) => reason.Length > 0 ? reason : otherwise;
}
