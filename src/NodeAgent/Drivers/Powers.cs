using System.Threading.Channels;
using Orchestrator.Agents.V1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Drivers;

internal interface ILogSource
{
    Task<StreamEnd> ReadLogsAsync(LogsTarget target, WorkloadStream stream, CancellationToken cancellation);
}

internal interface IExecutor
{
    Task<StreamEnd> ExecAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation);

    /// <summary>Joins the container's own process: what it says from now on, and what it hears if it has a standard input. No exit code.</summary>
    Task<StreamEnd> AttachAsync(ExecTarget target, WorkloadStream stream, CancellationToken cancellation);
}

internal interface IPortForwarder
{
    /// <summary>One connection to a port of the workload, until either side ends it.</summary>
    Task<StreamEnd> ForwardAsync(ForwardTarget target, WorkloadStream stream, CancellationToken cancellation);
}

internal interface ICommandRunner
{
    /// <summary>Runs a command beside a run and waits for its end; the runtime cuts it off after the time limit.</summary>
    Task<CommandResult> RunCommandAsync(UnitRun run, IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation);
}

/// <summary>How a command ended and what it said, on either output.</summary>
internal readonly record struct CommandResult(int ExitCode, string Output);

internal interface IPowerControl
{
    /// <summary>Ends what runs and starts it anew as the workload is now, once for each id of a cycle. Returns when it runs again, or why it went on.</summary>
    Task<StepOutcome> CyclePowerAsync(DesiredWorkload workload, PowerCycle cycle, CancellationToken cancellation);

    Task PauseAsync(WorkloadId id, CancellationToken cancellation);

    Task ResumeAsync(WorkloadId id, CancellationToken cancellation);
}

internal interface ISnapshots
{
    /// <summary>Idempotent by name.</summary>
    Task TakeSnapshotAsync(WorkloadId id, string name, CancellationToken cancellation);

    /// <summary>Idempotent.</summary>
    Task RemoveSnapshotAsync(WorkloadId id, string name, CancellationToken cancellation);
}

internal interface IDiskGrowth
{
    /// <summary>Idempotent. The workload is told while it runs.</summary>
    Task GrowDiskAsync(WorkloadId id, DiskSize wanted, CancellationToken cancellation);
}

internal interface IFiguresSource
{
    Task<StreamEnd> MeasureAsync(FiguresTarget target, WorkloadStream stream, CancellationToken cancellation);
}

internal interface IConsoleSource
{
    Task<StreamEnd> AttachConsoleAsync(ConsoleTarget target, WorkloadStream stream, CancellationToken cancellation);
}

/// <summary>
/// The far end of a stream. Writing waits until the reader can take more, which is the whole back-pressure;
/// <see cref="Input"/> ends when the caller closes its half.
/// </summary>
internal sealed record WorkloadStream(ChannelReader<SiloFrame> Input, Func<AgentFrame, CancellationToken, ValueTask> Write)
{
    public ValueTask WriteOutputAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
        => Write(new AgentFrame { Stdout = Google.Protobuf.ByteString.CopyFrom(data.Span) }, cancellation);

    public ValueTask WriteErrorAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
        => Write(new AgentFrame { Stderr = Google.Protobuf.ByteString.CopyFrom(data.Span) }, cancellation);

    /// <summary>Hands on what comes in while something is received, and no longer: only the receiver knows when both are done.</summary>
    public static async Task<T> BesideInputAsync<T>(Func<CancellationToken, Task> sendInput, Func<Task<T>> receive, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var input = sendInput(ended.Token);
        try
        {
            return await receive();
        }
        finally
        {
            await ended.CancelAsync();
            await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>How a stream ended: with an exit code (exec), an error, or neither.</summary>
internal readonly record struct StreamEnd(int? ExitCode, StreamError? Error)
{
    public static readonly StreamEnd Completed;

    public static StreamEnd Exit(int code) => new(code, null);

    public static StreamEnd NotFound(string message) => Failed("NotFound", message);

    public static StreamEnd BadRequest(string message) => Failed("BadRequest", message);

    public static StreamEnd Unavailable(string message) => Failed("Unavailable", message);

    public static StreamEnd Internal(string message) => Failed("Internal", message);

    private static StreamEnd Failed(string reason, string message) => new(null, new StreamError { Reason = reason, Message = message });
}
