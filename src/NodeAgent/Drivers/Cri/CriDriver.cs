using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Containerd.Events.V1;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Logs;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Runs pods with containerd over CRI. A pod's environment is its sandbox, its units are its containers.</summary>
internal sealed class CriDriver(ContainerdClient containerd, CriSandboxes sandboxes, CriContainers containers, ContainerConfigs configs, VolumePaths volumes,
    PodLogPaths logPaths, LogFollower follower)
    : IWorkloadDriver, ILogSource, IExecutor, IPortForwarder, ICommandRunner
{
    /// <summary>Whose task an event is about. A cache of the labels, renewed with every list.</summary>
    private readonly ConcurrentDictionary<string, WorkloadId> _owners = new();

    public WorkloadKind Kind => WorkloadKind.Pod;

    public Task<DriverFingerprint> FingerprintAsync(CancellationToken cancellation) => CriFingerprint.ReadAsync(containerd, cancellation);

    public async Task<IReadOnlyList<WorkloadSummary>> ListAsync(CancellationToken cancellation)
    {
        var parts = (await sandboxes.ListAsync(null, cancellation))
            .Select(sandbox => (Id: CriLabels.IdOf(sandbox.Labels), Task: sandbox.Id, Sign: $"{sandbox.Id}:{sandbox.State}"))
            .Concat((await containers.ListAsync(null, cancellation))
                .Select(container => (Id: CriLabels.IdOf(container.Labels), Task: container.Id, Sign: $"{container.Id}:{container.State}")))
            // An agent may have ended between a pod's last container and its volumes.
            .Concat(volumes.Pods().Select(id => (Id: (WorkloadId?)id, Task: id.Uid, Sign: "volumes")))
            .Where(part => part.Id is not null).ToList();
        var tasks = parts.Select(part => part.Task).ToHashSet();
        foreach (var (id, task, _) in parts) _owners[task] = id!.Value;
        foreach (var task in _owners.Keys.Where(task => !tasks.Contains(task))) _owners.TryRemove(task, out _);
        return [.. parts.GroupBy(part => part.Id!.Value).Select(group => new WorkloadSummary(
            group.Key, string.Join(',', group.Select(part => part.Sign).Order(StringComparer.Ordinal))))];
    }

    public async Task<WorkloadSnapshot> GetAsync(WorkloadId id, CancellationToken cancellation)
    {
        var found = await sandboxes.ListAsync(id, cancellation);
        var listed = await containers.ListAsync(id, cancellation);
        foreach (var task in found.Select(sandbox => sandbox.Id).Concat(listed.Select(container => container.Id))) _owners[task] = id;
        var newest = found.Count > 0 ? found[0] : null;
        var ready = newest?.State == PodSandboxState.SandboxReady;
        return new WorkloadSnapshot
        {
            Id = id,
            Environment = ready ? EnvironmentState.Ready : newest is null && listed.Count == 0 ? EnvironmentState.Absent : EnvironmentState.Lost,
            CreatedAt = found.Count > 0 ? CriContainers.TimeOf(found.Min(sandbox => sandbox.CreatedAt)) : null,
            Addresses = ready ? [.. await sandboxes.AddressesAsync(newest!.Id, cancellation)] : [],
            Runs = [.. await containers.RunsAsync(listed, ready ? newest!.Id : null, cancellation)],
            Grace = TimeSpan.FromSeconds(newest is null ? DesiredWorkload.DefaultGraceSeconds
                : CriLabels.Number(newest.Annotations, CriLabels.GraceSeconds, DesiredWorkload.DefaultGraceSeconds)),
        };
    }

    public Task<StepOutcome> PrepareAsync(DesiredWorkload workload, WorkloadSnapshot snapshot, CancellationToken cancellation)
        => sandboxes.RunAsync(workload, cancellation);

    public async Task<StepOutcome> StartAsync(UnitStart start, CancellationToken cancellation)
    {
        var id = start.Workload.Id;
        var sandbox = (await sandboxes.ListAsync(id, cancellation)).FirstOrDefault(sandbox => sandbox.State == PodSandboxState.SandboxReady);
        if (sandbox is null) return new StepOutcome("ContainerCreating", "the pod's sandbox is not ready");
        var existing = (await containers.ListAsync(id, cancellation))
            .FirstOrDefault(container => container.Metadata.Name == start.Unit.Name && container.Metadata.Attempt == start.Attempt);
        if (existing is { State: ContainerState.ContainerRunning }) return StepOutcome.Done;
        if (existing is not null && (existing.PodSandboxId != sandbox.Id || existing.State != ContainerState.ContainerCreated))
        {
            await containers.RemoveAsync(existing.Id, cancellation);
            existing = null;
        }

        var step = "CreateContainerError";
        try
        {
            var container = existing?.Id ?? await CreateAsync(start, sandbox, cancellation);
            _owners[container] = id;
            step = "RunContainerError";
            await containers.StartAsync(container, cancellation);
        }
        catch (ConfigurationProblemException problem)
        {
            return new StepOutcome("CreateContainerConfigError", problem.Message);
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return new StepOutcome(step, refused.Status.Detail);
        }

        await ForgetOldRunsAsync(start, cancellation);
        return StepOutcome.Done;
    }

    public Task StopAsync(WorkloadId id, UnitRun run, TimeSpan grace, CancellationToken cancellation) => containers.StopAsync(run.Id, grace, cancellation);

    public async Task ReleaseAsync(WorkloadSnapshot snapshot, CancellationToken cancellation)
    {
        foreach (var sandbox in await sandboxes.ListAsync(snapshot.Id, cancellation)) await sandboxes.StopAsync(sandbox.Id, cancellation);
    }

    public async Task DestroyAsync(WorkloadId id, CancellationToken cancellation)
    {
        foreach (var sandbox in await sandboxes.ListAsync(id, cancellation)) await sandboxes.StopAsync(sandbox.Id, cancellation);
        foreach (var container in await containers.ListAsync(id, cancellation)) await containers.RemoveAsync(container.Id, cancellation);
        foreach (var sandbox in await sandboxes.ListAsync(id, cancellation)) await sandboxes.RemoveAsync(sandbox.Id, cancellation);
    }

    public async IAsyncEnumerable<WorkloadId?> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = containerd.Events.Subscribe(
            new SubscribeRequest { Filters = { "topic~=\"^/tasks/(start|exit|oom|delete)$\"" } }, ContainerdClient.Own(cancellation));
        yield return null;
        await foreach (var envelope in call.ResponseStream.ReadAllAsync(cancellation))
        {
            if (envelope.Namespace != ContainerdClient.Namespace) continue;
            var task = TaskEvent.Parser.ParseFrom(envelope.Event.Value);
            if (_owners.TryGetValue(task.ContainerId, out var owner)) yield return owner;
        }
    }

    public Task<StreamEnd> ReadLogsAsync(LogsTarget target, WorkloadStream stream, CancellationToken cancellation)
        => new CriLogs(this, logPaths, follower).ReadAsync(target, stream, cancellation);

    public Task<StreamEnd> ExecAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation)
        => new CriExec(this, containerd).RunAsync(target, stream, cancellation);

    public Task<StreamEnd> AttachAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation)
        => new CriExec(this, containerd).AttachAsync(target, stream, cancellation);

    public Task<StreamEnd> ForwardAsync(ForwardTarget target, WorkloadStream stream, CancellationToken cancellation)
        => new CriForward(sandboxes, containerd).RunAsync(target, stream, cancellation);

    public Task<CommandResult> RunCommandAsync(UnitRun run, IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation)
        => containers.RunCommandAsync(run.Id, command, limit, cancellation);

    private Task<string> CreateAsync(UnitStart start, PodSandbox sandbox, CancellationToken cancellation)
    {
        var container = PodContainers.All(start.Workload.Pod!.Spec).First(container => container.Name == start.Unit.Name);
        return containers.CreateAsync(sandbox.Id, configs.Build(start, container), sandboxes.ConfigOf(start.Workload, sandbox), cancellation);
    }

    /// <summary>Keeps the run before this one, for its exit code and its logs, and clears those before it.</summary>
    private async Task ForgetOldRunsAsync(UnitStart start, CancellationToken cancellation)
    {
        foreach (var old in start.Snapshot.Runs.Where(run => run.Unit == start.Unit.Name && run.Attempt < start.Attempt - 1))
        {
            await containers.RemoveAsync(old.Id, cancellation);
            var log = logPaths.OfRun(start.Workload.Id, old.Unit, old.Attempt);
            if (File.Exists(log)) File.Delete(log);
        }

        var left = (await containers.ListAsync(start.Workload.Id, cancellation)).Select(container => container.PodSandboxId).ToHashSet();
        foreach (var sandbox in await sandboxes.ListAsync(start.Workload.Id, cancellation))
            if (sandbox.State != PodSandboxState.SandboxReady && !left.Contains(sandbox.Id)) await sandboxes.RemoveAsync(sandbox.Id, cancellation);
    }
}
