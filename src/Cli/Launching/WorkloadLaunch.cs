using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Launching;

/// <summary>Submits a workload and tells of its way until it runs.</summary>
internal sealed class WorkloadLaunch(Invocation invocation, Workload workload)
{
    /// <summary>False: return as soon as the object is stored.</summary>
    public required bool Wait { get; init; }

    /// <summary>Print nothing but the object's name.</summary>
    public bool NameOnly { get; init; }

    /// <summary>Zero: as long as it takes.</summary>
    public TimeSpan Timeout { get; init; }

    /// <returns>False if the workload failed, or can't run; why is on standard error.</returns>
    /// <exception cref="CommandException">The time is over.</exception>
    public async Task<bool> StartAsync()
    {
        using var timer = Timeout > TimeSpan.Zero ? new CancellationTokenSource(Timeout, invocation.Environment.Time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, invocation.Cancellation);
        await using var progress = LaunchProgress.For(invocation.Environment, workload);
        try
        {
            return await FollowAsync(progress, both.Token);
        }
        catch (Exception exception) when (timer.IsCancellationRequested && !invocation.Cancellation.IsCancellationRequested
            && exception is OperationCanceledException or RpcException)
        {
            throw new CommandException($"timed out waiting for {workload.DisplayName} to run; it was {progress.Last}");
        }
    }

    private async Task<bool> FollowAsync(LaunchProgress progress, CancellationToken cancellation)
    {
        var request = new SubmitRequest { RequestId = RequestId.New() };
        if (workload.Pod is { } pod) request.Pod = pod;
        else request.VirtualMachine = workload.Machine;
        var told = false;
        for (var attempt = 1; ; attempt++)
        {
            using var call = invocation.Server.Workloads.Submit(request, cancellationToken: cancellation);
            try
            {
                await foreach (var step in call.ResponseStream.ReadAllAsync(cancellation))
                {
                    attempt = 1;
                    if (!told) await TellCreatedAsync();
                    told = true;
                    if (!Wait) return true;
                    await progress.TellAsync(step);
                    if (step.Done) return LaunchProgress.IsGood(step);
                }
                throw new CommandException($"the server stopped telling about {workload.DisplayName}; see orc get {workload.Resource} {workload.Name}");
            }
            catch (RpcException exception) when (invocation.Server.Retry.MayRepeat(exception, attempt))
            {
                // The same request id: the server takes up the same workload again.
            }
            await invocation.Server.Retry.PauseAsync(attempt, cancellation);
        }
    }

    private async Task TellCreatedAsync()
    {
        await invocation.Out.WriteLineAsync(NameOnly ? workload.DisplayName : $"{workload.DisplayName} created");
        await invocation.Out.FlushAsync(invocation.Cancellation);
    }
}
