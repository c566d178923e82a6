using Grpc.Core;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>The containers of pods: each is one run of one unit.</summary>
internal sealed class CriContainers(ContainerdClient containerd)
{
    private const int UnknownExitCode = 137;

    public async Task<IReadOnlyList<Container>> ListAsync(WorkloadId? id, CancellationToken cancellation)
    {
        var filter = new ContainerFilter { LabelSelector = { [CriLabels.Agent] = CriLabels.AgentValue } };
        if (id is { } pod) filter.LabelSelector[CriLabels.PodUid] = pod.Uid;
        var answer = await containerd.Runtime.ListContainersAsync(
            new ListContainersRequest { Filter = filter }, ContainerdClient.Within(ContainerdClient.Look, cancellation));
        return answer.Containers;
    }

    /// <summary>All runs of a pod's containers, the newest first.</summary>
    public async Task<IReadOnlyList<UnitRun>> RunsAsync(IReadOnlyList<Container> containers, string? readySandbox, CancellationToken cancellation)
    {
        var runs = await Task.WhenAll(containers.Select(container => RunAsync(container, readySandbox, cancellation)));
        return [.. runs.OfType<UnitRun>().OrderByDescending(run => run.Attempt)];
    }

    public async Task<string> CreateAsync(string sandboxId, ContainerConfig config, PodSandboxConfig sandbox, CancellationToken cancellation)
    {
        var answer = await containerd.Runtime.CreateContainerAsync(
            new CreateContainerRequest { PodSandboxId = sandboxId, Config = config, SandboxConfig = sandbox },
            ContainerdClient.Within(ContainerdClient.Act, cancellation));
        return answer.ContainerId;
    }

    public async Task StartAsync(string id, CancellationToken cancellation) => await containerd.Runtime.StartContainerAsync(
        new StartContainerRequest { ContainerId = id }, ContainerdClient.Within(ContainerdClient.Act, cancellation));

    public Task StopAsync(string id, TimeSpan grace, CancellationToken cancellation) => CriErrors.UnlessAbsentAsync(containerd.Runtime.StopContainerAsync(
        new StopContainerRequest { ContainerId = id, Timeout = (long)grace.TotalSeconds },
        ContainerdClient.Within(grace + ContainerdClient.Act, cancellation)).ResponseAsync);

    public Task RemoveAsync(string id, CancellationToken cancellation) => CriErrors.UnlessAbsentAsync(containerd.Runtime.RemoveContainerAsync(
        new RemoveContainerRequest { ContainerId = id }, ContainerdClient.Within(ContainerdClient.Act, cancellation)).ResponseAsync);

    public async Task<CommandResult> RunCommandAsync(string id, IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation)
    {
        var answer = await containerd.Runtime.ExecSyncAsync(
            new ExecSyncRequest { ContainerId = id, Cmd = { command }, Timeout = (long)limit.TotalSeconds },
            ContainerdClient.Within(limit + ContainerdClient.Look, cancellation));
        return new CommandResult(answer.ExitCode, answer.Stdout.ToStringUtf8() + answer.Stderr.ToStringUtf8());
    }

    private async Task<UnitRun?> RunAsync(Container container, string? readySandbox, CancellationToken cancellation)
    {
        try
        {
            var answer = await containerd.Runtime.ContainerStatusAsync(
                new ContainerStatusRequest { ContainerId = container.Id }, ContainerdClient.Within(ContainerdClient.Look, cancellation));
            return ToRun(answer.Status, container) with { InEnvironment = container.PodSandboxId == readySandbox };
        }
        catch (RpcException gone) when (gone.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private static UnitRun ToRun(ContainerStatus status, Container container)
    {
        var unknown = status.State == ContainerState.ContainerUnknown;
        return new UnitRun
        {
            Unit = status.Metadata.Name,
            Attempt = (int)status.Metadata.Attempt,
            Id = status.Id,
            State = status.State switch
            {
                ContainerState.ContainerCreated => UnitState.Created,
                ContainerState.ContainerRunning => UnitState.Running,
                _ => UnitState.Exited,
            },
            // containerd notes the start when its call returns, and a short run can have ended by then.
            StartedAt = TimeOf(status.FinishedAt > 0 ? Math.Min(status.StartedAt, status.FinishedAt) : status.StartedAt),
            FinishedAt = TimeOf(status.FinishedAt),
            ExitCode = unknown ? UnknownExitCode : status.ExitCode,
            Reason = unknown ? "ContainerStatusUnknown" : status.Reason,
            Message = status.Message,
            Image = status.Annotations.TryGetValue(CriLabels.Image, out var image) ? image : "",
            ImageId = status.ImageRef.Length > 0 ? status.ImageRef : container.ImageRef,
            BackOffStep = CriLabels.Number(status.Annotations, CriLabels.BackOffStep, 0),
        };
    }

    public static DateTimeOffset? TimeOf(long nanoseconds)
        => nanoseconds > 0 ? DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : null;
}
