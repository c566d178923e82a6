using System.CommandLine;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;

namespace Orchestrator.Cli.Commands;

internal sealed class LogsCommand : OrcCommand
{
    private readonly Argument<string> _pod = new("pod") { HelpName = "POD | TYPE/NAME" };
    private readonly Argument<string?> _containerWord = new("container") { HelpName = "CONTAINER", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _container = CommonOptions.Container();
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with what is written from now on" };
    private readonly Option<bool> _previous = new("--previous", "-p") { Description = "Of the container's run before this one" };
    private readonly Option<bool> _timestamps = new("--timestamps") { Description = "Begin each line with its time" };
    private readonly Option<long> _tail = new("--tail")
    {
        Description = "Only this many of the last lines; -1: all",
        HelpName = "LINES",
        DefaultValueFactory = _ => -1,
    };

    private readonly Option<string?> _since = new("--since") { Description = "Only what is newer than this (5s, 2m, 3h)", HelpName = "DURATION" };

    public LogsCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(POD | TYPE/NAME) [-c CONTAINER] [options]";
        Examples = """
            # All that the pod's only container has written, and what it writes from now on
            orc logs web -f

            # The last 20 lines of the last hour of one container, with their times
            orc logs web -c proxy --tail=20 --since=1h --timestamps

            # Why did it crash? What it wrote in the run before
            orc logs web --previous
            """;
        Add(_pod);
        Add(_containerWord);
        Option[] options = [_container, _follow, _previous, _timestamps, _tail, _since];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.NamesOf("pods");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var pod = await WorkloadArgument.NameAsync(
            invocation, invocation.Get(_pod)!, "pods", "only pods have logs; a machine has a console: orc console NAME");
        var tail = invocation.Get(_tail);
        if (tail < -1) throw new CommandException("--tail must be greater than or equal to -1");
        var request = new LogsRequest
        {
            Namespace = invocation.Namespace,
            Pod = pod,
            Container = invocation.Get(_container) ?? invocation.Get(_containerWord) ?? "",
            Follow = invocation.Get(_follow),
            Previous = invocation.Get(_previous),
            Timestamps = invocation.Get(_timestamps),
        };
        if (tail >= 0) request.TailLines = tail;
        if (invocation.Get(_since) is { } since)
        {
            var duration = Duration.Parse(since, "--since");
            if (duration <= TimeSpan.Zero) throw new CommandException("--since must be greater than 0");
            request.SinceSeconds = Math.Max(1, (long)Math.Ceiling(duration.TotalSeconds));
        }
        await CopyAsync(invocation, request);
        return ExitCodes.Success;
    }

    /// <summary>Copies the log to standard output until it ends.</summary>
    public static async Task CopyAsync(Invocation invocation, LogsRequest request)
    {
        using var call = invocation.Server.Workloads.Logs(request, cancellationToken: invocation.Cancellation);
        await foreach (var chunk in call.ResponseStream.ReadAllAsync(invocation.Cancellation))
            await invocation.Environment.Output.WriteAsync(chunk.Data.Memory, invocation.Cancellation);
        await invocation.Environment.Output.FlushAsync(invocation.Cancellation);
    }
}
