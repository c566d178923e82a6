using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Connection;

/// <summary>How long a wait may take: until its time is over, or the user interrupts.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly Invocation _invocation;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _both;

    /// <param name="invocation">The command that waits.</param>
    /// <param name="timeout">Zero or less: as long as it takes.</param>
    public TimeLimit(Invocation invocation, TimeSpan timeout)
    {
        _invocation = invocation;
        var bounded = timeout > TimeSpan.Zero;
        _timer = bounded ? new CancellationTokenSource(timeout, invocation.Environment.Time) : new CancellationTokenSource();
        _both = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, invocation.Cancellation);
    }

    public CancellationToken Token => _both.Token;

    /// <summary>True if the time is over and the user has not interrupted.</summary>
    public bool IsOver => _timer.IsCancellationRequested && !_invocation.Cancellation.IsCancellationRequested;

    public static CommandException Exceeded(ResourceTarget target) =>
        new($"timed out waiting for the condition on {target.Kind.Resource.DisplayPlural()}/{target.Name}");

    public void Dispose()
    {
        _both.Dispose();
        _timer.Dispose();
    }
}
