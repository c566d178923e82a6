namespace Orchestrator.Functional.Running;

/// <summary>For what no process tells about (files, mounts, other processes): looks again until it holds.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the first value for which the condition holds; fails with the last one after the time limit.</summary>
    public static async Task<T> HoldsAsync<T>(Func<Task<T>> look, Func<T, bool> condition, TimeSpan limit, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await look();
            if (condition(value)) return value;
            if (TimeProvider.System.GetElapsedTime(started) > limit) Assert.Fail($"not within {limit.TotalSeconds} s: {what}; last seen:\n{value}");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
