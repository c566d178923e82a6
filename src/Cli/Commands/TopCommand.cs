using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Cli.Commands;

/// <summary><c>top vm</c>: what machines take now, from two looks at what their hosts have counted.</summary>
internal sealed class TopCommand : OrcCommand
{
    private const int Machines = 16;
    private static readonly string[] Header =
        ["NAME", "CPU(cores)", "MEMORY", "READ/s", "WRITE/s", "OPS/s", "BUSY/s", "SLOTS", "QUEUE(p99)", "SERVICE(p99)"];

    private readonly Argument<string[]> _resources = CommonOptions.Resources("vm [NAME…]");
    private readonly Option<string> _interval = new("--interval")
    {
        Description = "How long to look",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "1s",
    };

    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the table's head out" };

    public TopCommand(string name, string summary) : base(name, summary)
    {
        Usage = "vm [NAME…] [options]";
        Details = "Rates are those of the interval; the times of requests in the host's ring are those since the machine started.\n"
            + "\"orc describe vm\" shows each disk by itself.";
        Examples = """
            # All running machines of the namespace
            orc top vm

            # One, over ten seconds
            orc top vm db --interval=10s
            """;
        Add(_resources);
        Add(_interval);
        Add(_noHeaders);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var interval = Duration.Parse(invocation.Get(_interval)!, "--interval");
        if (interval < TimeSpan.Zero) throw new CommandException("--interval must not be negative");
        var names = await NamesAsync(invocation);
        var before = await MeasureAsync(invocation, names);
        await Task.Delay(interval, invocation.Environment.Time, invocation.Cancellation);
        var after = await MeasureAsync(invocation, before.Keys);
        List<IReadOnlyList<string>> rows = [.. after.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => Row(entry.Key, before[entry.Key], entry.Value))];
        if (rows.Count == 0 && names.Count == 0) await invocation.Error.WriteLineAsync($"No running machines found in {invocation.Namespace} namespace.");
        if (rows.Count > 0 && !invocation.Get(_noHeaders)) rows.Insert(0, Header);
        new TablePrinter(invocation.Out).Print(rows);
        return invocation.ExitCode;
    }

    /// <summary>Those that are named, or all that run.</summary>
    private async Task<IReadOnlyCollection<string>> NamesAsync(Invocation invocation)
    {
        var selection = await TargetArguments.ReadAsync(invocation, invocation.Get(_resources)!, [], recursive: false);
        foreach (var other in selection.Targets.Where(target => target.Kind.Resource.Resource != "virtualmachines"))
            throw new CommandException($"{other.Kind.Singular}: only virtual machines have figures");
        if (selection.Targets.All(target => target.Name is not null)) return [.. selection.Targets.Select(target => target.Name!)];
        var list = await invocation.Server.ListAsync(new ListQuery(selection.Targets[0].Kind, invocation.Namespace), Form.Json, invocation.Cancellation);
        return [.. list.Items.Select(item => JsonNode.Parse(item.Json.Span)!).Where(Runs).Select(one => one.Text("metadata", "name"))];
    }

    private static bool Runs(JsonNode machine) => machine.Text("status", "phase") is "Running" or "Paused";

    private static async Task<Dictionary<string, MachineFigures>> MeasureAsync(Invocation invocation, IReadOnlyCollection<string> names)
    {
        Dictionary<string, MachineFigures> measured = [];
        foreach (var some in names.Chunk(Machines))
        {
            var calls = some.Select(name => (name, invocation.Server.MeasureAsync(invocation.Namespace, name, invocation.Environment.Time, invocation.Cancellation))).ToList();
            foreach (var (name, call) in calls)
            {
                try
                {
                    measured[name] = await call;
                }
                catch (RpcException exception) when (!invocation.Cancellation.IsCancellationRequested)
                {
                    invocation.Report(exception);
                }
            }
        }
        return measured;
    }

    private static IReadOnlyList<string> Row(string name, MachineFigures before, MachineFigures after)
    {
        var seconds = Math.Max(after.TakenAtNanoseconds - before.TakenAtNanoseconds, 1) / 1e9;
        return
        [
            name,
            Amounts.Cores(Math.Max(0, after.CpuNanoseconds - before.CpuNanoseconds) / 1e9 / seconds),
            Amounts.Bytes(after.MemoryBytes),
            Amounts.Bytes(Rate(disk => disk.ReadBytes)),
            Amounts.Bytes(Rate(disk => disk.WrittenBytes)),
            Whole(Rate(disk => disk.Reads + disk.Writes + disk.Flushes + disk.Frees)),
            Whole(Rate(disk => disk.BusyCount)),
            Whole(after.Disks.Sum(disk => disk.SlotsInUse)),
            Amounts.Time(Longest(disk => disk.QueueTime)),
            Amounts.Time(Longest(disk => disk.ServiceTime)),
        ];

        // A host that was restarted in between counts from zero again.
        double Rate(Func<DiskFigures, long> count) => Math.Max(0, after.Disks.Sum(count) - before.Disks.Sum(count)) / seconds;

        long Longest(Func<DiskFigures, LatencyFigures> times) => after.Disks.Select(disk => times(disk).P99Nanoseconds).DefaultIfEmpty().Max();
    }

    private static string Whole(double number) => Math.Round(number).ToString(CultureInfo.InvariantCulture);
}
