using Grpc.Core;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>The sandboxes of pods: found by their labels, made, stopped, removed.</summary>
internal sealed class CriSandboxes(ContainerdClient containerd, SandboxConfigs configs, AgentOptions options)
{
    /// <summary>All of the agent's, or those of one pod; the newest first.</summary>
    public async Task<IReadOnlyList<PodSandbox>> ListAsync(WorkloadId? id, CancellationToken cancellation)
    {
        var filter = new PodSandboxFilter { LabelSelector = { [CriLabels.Agent] = CriLabels.AgentValue } };
        if (id is { } pod) filter.LabelSelector[CriLabels.PodUid] = pod.Uid;
        var answer = await containerd.Runtime.ListPodSandboxAsync(
            new ListPodSandboxRequest { Filter = filter }, ContainerdClient.Within(ContainerdClient.Look, cancellation));
        return [.. answer.Items.OrderByDescending(sandbox => sandbox.Metadata.Attempt)];
    }

    public async Task<IReadOnlyList<string>> AddressesAsync(string sandboxId, CancellationToken cancellation)
    {
        var answer = await containerd.Runtime.PodSandboxStatusAsync(
            new PodSandboxStatusRequest { PodSandboxId = sandboxId }, ContainerdClient.Within(ContainerdClient.Look, cancellation));
        var network = answer.Status.Network;
        return network is null or { Ip.Length: 0 } ? [] : [network.Ip, .. network.AdditionalIps.Select(ip => ip.Ip)];
    }

    /// <summary>Stops what is left of earlier sandboxes, which frees their addresses and ports, and runs a new one.</summary>
    public async Task<StepOutcome> RunAsync(DesiredWorkload workload, CancellationToken cancellation)
    {
        var old = await ListAsync(workload.Id, cancellation);
        foreach (var sandbox in old) await StopAsync(sandbox.Id, cancellation);
        var attempt = old.Count == 0 ? 0 : old[0].Metadata.Attempt + 1;
        try
        {
            await containerd.Runtime.RunPodSandboxAsync(
                new RunPodSandboxRequest { Config = configs.Build(workload, attempt), RuntimeHandler = options.RuntimeHandler },
                ContainerdClient.Within(ContainerdClient.Act, cancellation));
            return StepOutcome.Done;
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return new StepOutcome("FailedCreatePodSandBox", $"Failed to create pod sandbox: {refused.Status.Detail}");
        }
    }

    /// <summary>The configuration that the newest sandbox was made with.</summary>
    public PodSandboxConfig ConfigOf(DesiredWorkload workload, PodSandbox sandbox) => configs.Build(workload, sandbox.Metadata.Attempt);

    public Task StopAsync(string sandboxId, CancellationToken cancellation) => CriErrors.UnlessAbsentAsync(containerd.Runtime.StopPodSandboxAsync(
        new StopPodSandboxRequest { PodSandboxId = sandboxId }, ContainerdClient.Within(ContainerdClient.Act, cancellation)).ResponseAsync);

    public Task RemoveAsync(string sandboxId, CancellationToken cancellation) => CriErrors.UnlessAbsentAsync(containerd.Runtime.RemovePodSandboxAsync(
        new RemovePodSandboxRequest { PodSandboxId = sandboxId }, ContainerdClient.Within(ContainerdClient.Act, cancellation)).ResponseAsync);
}
