using Grpc.Core;

namespace Orchestrator.Cli.Connection;

/// <summary>
/// Repeats a call whose outcome is unknown because the server went away (UNAVAILABLE): eight attempts over about
/// seven seconds, longer than a server takes to start again. A server that refuses the very first connection is
/// not there, which the user learns at once.
/// </summary>
internal sealed class RetryPolicy(TimeProvider time)
{
    public const int Attempts = 8;
    private const int FirstDelayMilliseconds = 100;
    private const int LongestDelayMilliseconds = 2000;

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
    public static bool MayRepeat(RpcException exception, int attempt) =>
        exception.StatusCode == StatusCode.Unavailable && attempt < Attempts && !(attempt == 1 && ServerErrors.IsUnreachable(exception));

    /// <summary>100 ms, then twice as long each time, up to 2 s.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellation) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Min(LongestDelayMilliseconds, FirstDelayMilliseconds << (attempt - 1))), time, cancellation);
}
