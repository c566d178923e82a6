using Grpc.Core;

namespace Orchestrator.Client;

/// <summary>
/// Repeats a call whose outcome is unknown because the server went away (UNAVAILABLE). Unless it is for ever, eight attempts over about
/// seven seconds, longer than a server takes to start again; and a server that refuses the very first connection is not there, which the
/// caller learns at once.
/// </summary>
/// <param name="time">The clock of the waits.</param>
/// <param name="forever">Whether it never gives up.</param>
public sealed class RetryPolicy(TimeProvider time, bool forever = false)
{
    /// <summary>How often a call is made, if it isn't for ever.</summary>
    public const int Attempts = 8;
    private const int FirstDelayMilliseconds = 100;
    private const int LongestDelayMilliseconds = 2000;

    /// <summary>The same, but one that never gives up: for what runs as long as its program.</summary>
    public RetryPolicy Forever() => new(time, forever: true);

    /// <summary>Makes the call until it answers.</summary>
    /// <exception cref="RpcException">Any other error than that the server is away, or it is away for too long.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (RpcException exception) when (MayRepeat(exception, attempt))
            {
                await PauseAsync(attempt, cancellation);
            }
        }
    }

    /// <summary>Whether a failed call, the <paramref name="attempt"/>th in a row (from 1), shall be made again.</summary>
    public bool MayRepeat(RpcException exception, int attempt) => exception.StatusCode == StatusCode.Unavailable
        && (forever || (attempt < Attempts && !(attempt == 1 && ClusterErrors.IsUnreachable(exception))));

    /// <summary>100 ms, then twice as long each time, up to 2 s.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellation) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Min(LongestDelayMilliseconds, FirstDelayMilliseconds << Math.Min(attempt - 1, 10))), time, cancellation);
}
