namespace Orchestrator.NodeAgent.Assignments;

/// <summary>
/// Bounds how many workloads burden the runtime at once. A step that hangs gives its slot back after a while, so
/// however many hang, the others go on.
/// </summary>
internal sealed class StepGate(int slots, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _slots = new(slots);

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        var held = 1;
        void Release()
        {
            if (Interlocked.Exchange(ref held, 0) == 1) _slots.Release();
        }

        await using var timer = time.CreateTimer(_ => Release(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            return await step(cancellation);
        }
        finally
        {
            Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}
