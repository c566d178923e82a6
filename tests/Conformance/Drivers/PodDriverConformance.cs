using System.Text;
using System.Threading.Channels;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Images;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Xunit;

namespace Orchestrator.Conformance.Drivers;

/// <summary>What a driver of pods must do, against any runtime. Scripts keep to the dialect that the fake runtime understands.</summary>
public abstract class PodDriverConformance
{
    private const string Unit = "main";
    private static int _pods;

    /// <summary>A new driver over the same runtime, as a new agent would make it.</summary>
    internal abstract IWorkloadDriver CreateDriver();

    internal abstract ImageStore Images { get; }

    protected abstract string Image { get; }

    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task It_says_that_it_is_ready()
    {
        var found = await CreateDriver().FingerprintAsync(Limit);
        Assert.True(found.Ready, found.Message);
        Assert.Contains(found.RuntimeClasses, known => known is { Name: "container", Available: true });
        Assert.NotEmpty(found.Version);
    }

    [Fact]
    public async Task A_pod_runs_and_its_successor_sees_the_same()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        var seen = await pod.Driver.GetAsync(pod.Id, Limit);
        Assert.Equal(EnvironmentState.Ready, seen.Environment);
        Assert.NotEmpty(seen.Addresses);
        var run = Assert.Single(seen.Runs);
        Assert.Equal((UnitState.Running, 0, Image), (run.State, run.Attempt, run.Image));
        Assert.NotNull(run.StartedAt);

        var successor = CreateDriver();
        Assert.Contains(await successor.ListAsync(Limit), known => known.Id == pod.Id && known.Id.Name == pod.Id.Name);
        Assert.Equivalent(seen, await successor.GetAsync(pod.Id, Limit), strict: true);
    }

    [Fact]
    public async Task Starting_the_same_run_twice_makes_one()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        await StartAsync(pod, 0);
        Assert.Single((await pod.Driver.GetAsync(pod.Id, Limit)).Runs);
    }

    [Theory]
    [InlineData("exit 0", 0, "Completed")]
    [InlineData("exit 3", 3, "Error")]
    public async Task An_ended_run_tells_how(string script, int exitCode, string reason)
    {
        await using var pod = await PodAsync(script);
        await StartAsync(pod, 0);
        var run = await EndedAsync(pod, 0);
        Assert.Equal((exitCode, reason), (run.ExitCode, run.Reason));
        Assert.True(run.FinishedAt >= run.StartedAt);
    }

    [Fact]
    public async Task The_run_before_stays_known_and_those_before_it_go()
    {
        await using var pod = await PodAsync("exit 7");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await StartAsync(pod, attempt);
            await EndedAsync(pod, attempt);
        }

        var runs = (await pod.Driver.GetAsync(pod.Id, Limit)).Runs;
        Assert.Equal([2, 1], runs.Select(run => run.Attempt));
        Assert.Equal(5, runs[0].BackOffStep);
    }

    [Fact]
    public async Task Stopping_asks_first_and_waits_for_the_grace_period()
    {
        await using var polite = await PodAsync("exec sleep 1000");
        await using var stubborn = await PodAsync("trap '' TERM; sleep 1000");
        foreach (var (pod, grace) in new[] { (polite, 0), (stubborn, 1) })
        {
            await StartAsync(pod, 0);
            var run = (await pod.Driver.GetAsync(pod.Id, Limit)).Latest(Unit)!;
            await pod.Driver.StopAsync(pod.Id, run, TimeSpan.FromSeconds(grace), Limit);
            await pod.Driver.StopAsync(pod.Id, run, TimeSpan.FromSeconds(grace), Limit);
            Assert.Equal(137, (await EndedAsync(pod, 0)).ExitCode);
        }
    }

    [Fact]
    public async Task A_command_beside_a_run_says_how_it_ended()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        var run = (await pod.Driver.GetAsync(pod.Id, Limit)).Latest(Unit)!;
        var result = await ((ICommandRunner)pod.Driver).RunCommandAsync(run, ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], TimeSpan.FromSeconds(20), Limit);
        Assert.Equal(new CommandResult(3, "out\nerr\n"), result);
        Assert.Equal(UnitState.Running, (await pod.Driver.GetAsync(pod.Id, Limit)).Latest(Unit)!.State);
    }

    [Fact]
    public async Task Units_share_one_environment()
    {
        await using var pod = await PodAsync("exec sleep 1000", "side");
        await StartAsync(pod, 0);
        await StartAsync(pod, 0, "side");
        var seen = await pod.Driver.GetAsync(pod.Id, Limit);
        Assert.Equal(["main", "side"], seen.Runs.Select(run => run.Unit).Order(StringComparer.Ordinal));
        Assert.Single(seen.Addresses);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_in_the_runtimes_words()
    {
        await using var pod = await PodAsync("", command: "/no/such/program");
        var outcome = await pod.Driver.StartAsync(await StartOf(pod, 0, Unit), Limit);
        Assert.Equal("RunContainerError", outcome.Reason);
        Assert.Contains("/no/such/program", outcome.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, (await EndedAsync(pod, 0)).ExitCode);
    }

    [Fact]
    public async Task A_lost_environment_is_made_anew_and_the_runs_stay_known()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        await pod.Driver.ReleaseAsync(await pod.Driver.GetAsync(pod.Id, Limit), Limit);
        var lost = await pod.Driver.GetAsync(pod.Id, Limit);
        Assert.Equal(EnvironmentState.Lost, lost.Environment);
        await EndedAsync(pod, 0);
        Assert.False((await pod.Driver.PrepareAsync(pod.Workload, lost, Limit)).Failed);
        await StartAsync(pod, 1);
        var again = await pod.Driver.GetAsync(pod.Id, Limit);
        Assert.Equal(EnvironmentState.Ready, again.Environment);
        Assert.Equal([UnitState.Running, UnitState.Exited], again.Runs.Select(run => run.State));
    }

    [Fact]
    public async Task Destroying_leaves_nothing_however_often()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        await pod.Driver.DestroyAsync(pod.Id, Limit);
        await pod.Driver.DestroyAsync(pod.Id, Limit);
        Assert.True((await pod.Driver.GetAsync(pod.Id, Limit)).IsAbsent);
        Assert.DoesNotContain(await pod.Driver.ListAsync(Limit), known => known.Id == pod.Id);
        await pod.Driver.DestroyAsync(new WorkloadId(WorkloadKind.Pod, "default", "never", "never-was"), Limit);
    }

    [Fact]
    public async Task Watching_tells_of_an_end()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        await using var changes = pod.Driver.WatchAsync(Limit).GetAsyncEnumerator();
        Assert.True(await changes.MoveNextAsync());
        Assert.Null(changes.Current);
        var next = changes.MoveNextAsync();
        var run = (await pod.Driver.GetAsync(pod.Id, Limit)).Latest(Unit)!;
        // The subscription is made when the server gets to it: stopping again tells again.
        while (!next.IsCompleted) await pod.Driver.StopAsync(pod.Id, run, TimeSpan.Zero, Limit);
        Assert.True(await next);
        Assert.Equal(pod.Id, changes.Current);
    }

    [Fact]
    public async Task Logs_are_read_whole_by_tail_by_run_and_to_their_end()
    {
        await using var pod = await PodAsync("echo one; echo two; echo three >&2; exit 0");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await StartAsync(pod, attempt);
            await EndedAsync(pod, attempt);
        }

        // The runtime writes the two streams by two hands: only the order within one is certain.
        Assert.Equal(["one", "three", "two"], (await LogsAsync(pod, new LogsTarget())).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Single((await LogsAsync(pod, new LogsTarget { TailLines = 1 })).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(3, (await LogsAsync(pod, new LogsTarget { Previous = true, Follow = true })).Count(letter => letter == '\n'));
        Assert.Equal("", await LogsAsync(pod, new LogsTarget { TailLines = 0 }));
        Assert.All((await LogsAsync(pod, new LogsTarget { Timestamps = true })).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("20", line, StringComparison.Ordinal));
        var end = await ((ILogSource)pod.Driver).ReadLogsAsync(new LogsTarget { Workload = pod.Id.ToReference(), Container = "other" }, Sink(new StringBuilder()), Limit);
        Assert.Equal("NotFound", end.Error?.Reason);
    }

    [Fact]
    public async Task A_command_runs_in_a_running_unit()
    {
        await using var pod = await PodAsync("exec sleep 1000");
        await StartAsync(pod, 0);
        var executor = (IExecutor)pod.Driver;
        var (output, input) = (new StringBuilder(), Channel.CreateUnbounded<SiloFrame>());
        // cat ends only if it is told that its input has.
        input.Writer.TryWrite(new SiloFrame { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("typed\n") });
        input.Writer.TryWrite(new SiloFrame { EndOfStdin = true });
        var target = new ExecTarget { Workload = pod.Id.ToReference(), Container = Unit, Command = { "/bin/sh", "-c", "echo out; echo err >&2; cat; exit 5" }, Stdin = true };
        var end = await executor.ExecAsync(target, Sink(output, input.Reader), Limit);
        Assert.Equal(5, end.ExitCode);
        Assert.Contains("typed\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("out\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("[err\n]", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, (await executor.ExecAsync(new ExecTarget { Workload = pod.Id.ToReference(), Container = Unit, Command = { "/bin/sh", "-c", "exit 0" } }, Sink(output), Limit)).ExitCode);
        Assert.Equal("NotFound", (await executor.ExecAsync(new ExecTarget { Workload = pod.Id.ToReference(), Container = "other", Command = { "x" } }, Sink(output), Limit)).Error?.Reason);
        Assert.Equal("BadRequest", (await executor.ExecAsync(new ExecTarget { Workload = pod.Id.ToReference(), Container = Unit }, Sink(output), Limit)).Error?.Reason);
    }

    [Fact]
    public async Task Attaching_speaks_with_the_units_own_process()
    {
        await using var pod = await PodAsync("cat; exit 5", stdin: true);
        await StartAsync(pod, 0);
        var (heard, input) = (new TaskCompletionSource(), Channel.CreateBounded<SiloFrame>(1));
        var stream = new WorkloadStream(input.Reader, (frame, _) =>
        {
            if (frame.Stdout.ToStringUtf8().Contains("typed\n", StringComparison.Ordinal)) heard.TrySetResult();
            return ValueTask.CompletedTask;
        });
        var target = new ExecTarget { Workload = pod.Id.ToReference(), Container = Unit, Stdin = true };
        var executor = (IExecutor)pod.Driver;
        var attached = executor.AttachAsync(target, stream, Limit);
        // What is said before the runtime has joined the output is not heard.
        while (!heard.Task.IsCompleted) await input.Writer.WriteAsync(new SiloFrame { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("typed\n") }, Limit);
        await input.Writer.WriteAsync(new SiloFrame { EndOfStdin = true }, Limit);
        Assert.Equal(StreamEnd.Completed, await attached);
        Assert.Equal(5, (await EndedAsync(pod, 0)).ExitCode);
        Assert.Equal("BadRequest", (await executor.AttachAsync(target, stream, Limit)).Error?.Reason);
    }

    [Fact]
    public async Task A_port_is_spoken_with_and_one_that_nobody_listens_at_says_so()
    {
        await using var pod = await PodAsync("nc -ll -p 8080 -e cat & exec sleep 1000");
        await StartAsync(pod, 0);
        var (heard, input, limit) = (new TaskCompletionSource(), Channel.CreateUnbounded<SiloFrame>(), Limit);
        var stream = new WorkloadStream(input.Reader, (frame, _) =>
        {
            if (frame.Stdout.ToStringUtf8().Contains("typed\n", StringComparison.Ordinal)) heard.TrySetResult();
            return ValueTask.CompletedTask;
        });
        Task<StreamEnd> forwarded;
        while (true)
        {
            input.Writer.TryWrite(new SiloFrame { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("typed\n") });
            forwarded = ForwardAsync(pod, 8080, stream, limit);
            if (await Task.WhenAny(forwarded, heard.Task) == heard.Task) break;
            // What runs may not listen yet.
            Assert.Equal("Unavailable", (await forwarded).Error?.Reason);
        }

        input.Writer.TryWrite(new SiloFrame { EndOfStdin = true });
        Assert.Equal(StreamEnd.Completed, await forwarded);

        var end = await ForwardAsync(pod, 8081, stream, limit);
        Assert.Equal(("Unavailable", $"nothing listens at port 8081 of pod kit/{pod.Id.Name}"), (end.Error?.Reason, end.Error?.Message));
        await pod.Driver.DestroyAsync(pod.Id, Limit);
        Assert.Equal("BadRequest", (await ForwardAsync(pod, 8080, stream, limit)).Error?.Reason);
    }

    private static Task<StreamEnd> ForwardAsync(TestPod pod, int port, WorkloadStream stream, CancellationToken limit)
        => ((IPortForwarder)pod.Driver).ForwardAsync(new ForwardTarget { Workload = pod.Id.ToReference(), Port = port }, stream, limit);

    private async Task<TestPod> PodAsync(string script, string? second = null, string command = "/bin/sh", bool stdin = false)
    {
        var name = $"kit{Environment.ProcessId}-{Interlocked.Increment(ref _pods)}";
        var pod = new Pod { Metadata = new ObjectMeta { Name = name, Namespace = "kit", Uid = $"uid-{name}" }, Spec = new PodSpec { RestartPolicy = "Never" } };
        foreach (var container in new[] { Unit, second }.OfType<string>())
            pod.Spec.Containers.Add(new Container { Name = container, Image = Image, ImagePullPolicy = "Never", Command = { command, "-c", script }, Stdin = stdin, StdinOnce = stdin });
        var made = new TestPod(CreateDriver(), DesiredWorkload.From(new Assignment { Pod = pod })!);
        Assert.False((await made.Driver.PrepareAsync(made.Workload, await made.Driver.GetAsync(made.Id, Limit), Limit)).Failed);
        return made;
    }

    private async Task StartAsync(TestPod pod, int attempt, string unit = Unit)
    {
        var outcome = await pod.Driver.StartAsync(await StartOf(pod, attempt, unit), Limit);
        Assert.False(outcome.Failed, outcome.Message);
    }

    private async Task<UnitStart> StartOf(TestPod pod, int attempt, string unit)
    {
        var image = await Images.FindAsync(Image, Limit);
        Assert.NotNull(image);
        return new UnitStart(
            pod.Workload, await pod.Driver.GetAsync(pod.Id, Limit), pod.Workload.Units.Single(known => known.Name == unit), image.Value, attempt, attempt == 2 ? 5 : attempt);
    }

    private static async Task<UnitRun> EndedAsync(TestPod pod, int attempt)
    {
        while (true)
        {
            var run = (await pod.Driver.GetAsync(pod.Id, Limit)).Runs.Single(known => known.Unit == Unit && known.Attempt == attempt);
            if (run.State == UnitState.Exited) return run;
        }
    }

    private static async Task<string> LogsAsync(TestPod pod, LogsTarget target)
    {
        (target.Workload, target.Container) = (pod.Id.ToReference(), Unit);
        var output = new StringBuilder();
        Assert.Null((await ((ILogSource)pod.Driver).ReadLogsAsync(target, Sink(output), Limit)).Error);
        return output.ToString();
    }

    /// <summary>Collects output; what came on stderr stands in brackets.</summary>
    private static WorkloadStream Sink(StringBuilder output, ChannelReader<SiloFrame>? input = null) => new(input ?? Channel.CreateUnbounded<SiloFrame>().Reader, (frame, _) =>
    {
        output.Append(frame.FrameCase == AgentFrame.FrameOneofCase.Stderr ? $"[{frame.Stderr.ToStringUtf8()}]" : frame.Stdout.ToStringUtf8());
        return ValueTask.CompletedTask;
    });

    private sealed record TestPod(IWorkloadDriver Driver, DesiredWorkload Workload) : IAsyncDisposable
    {
        public WorkloadId Id => Workload.Id;

        public async ValueTask DisposeAsync() => await Driver.DestroyAsync(Id, CancellationToken.None);
    }
}
