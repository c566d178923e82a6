using Orchestrator.NodeAgent.Assignments;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>
/// One probe of one run, from its first time to its last: a startup probe until it is decided, a liveness probe until it has
/// failed, a readiness probe as long as the run lasts. It takes its own time, so a container that leaves it waiting holds up nobody.
/// </summary>
internal sealed class ProbeLoop(ProbeSettings probe, IProbeAction action, StepGate gate, TimeProvider time)
{
    private readonly ProbeCount _count = new(probe.SuccessThreshold, probe.FailureThreshold);

    /// <param name="changed">Hears each change of the probe's mind.</param>
    /// <param name="failing">Hears the first failure of each row, in words.</param>
    public async Task RunAsync(DateTimeOffset startedAt, Action<bool> changed, Action<string> failing, CancellationToken cancellation)
    {
        var first = startedAt + probe.InitialDelay - time.GetUtcNow();
        if (first > TimeSpan.Zero) await Task.Delay(first, time, cancellation);
        using var timer = new PeriodicTimer(probe.Period, time);
        do
        {
            var before = _count.Healthy;
            var outcome = await gate.RunAsync(AskAsync, cancellation);
            _count.Add(outcome.Success);
            if (!outcome.Success && _count.BeganToFail) failing(outcome.Message);
            if (_count.Healthy is { } healthy && healthy != before) changed(healthy);
        }
        while (!IsDecided && await timer.WaitForNextTickAsync(cancellation));
    }

    private bool IsDecided => probe.Kind switch
    {
        ProbeKind.Startup => _count.Healthy is not null,
        ProbeKind.Liveness => _count.Healthy == false,
        _ => false,
    };

    private async Task<ProbeOutcome> AskAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(probe.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await action.RunAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return ProbeOutcome.Failed($"timed out after {probe.Timeout.TotalSeconds:0}s");
        }
    }
}
