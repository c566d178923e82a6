using System.Text;
using System.Threading.Channels;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Images;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Xunit;

namespace Orchestrator.Conformance.Drivers;

/// <summary>What a driver of machines must do, against any dom0. Real guests boot in seconds, so each test tells a whole story.</summary>
public abstract class MachineDriverConformance
{
    private static int _machines;

    internal abstract IWorkloadDriver CreateDriver();

    internal abstract ImageStore Images { get; }

    protected abstract string Image { get; }

    /// <summary>What the guest prints when it is up.</summary>
    protected abstract string Greeting { get; }

    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task It_says_which_engines_work_and_why_others_do_not()
    {
        var found = await CreateDriver().FingerprintAsync(Limit);
        Assert.True(found.Ready, found.Message);
        Assert.Equal(["emulated", "hardware", "paravirtual"], found.RuntimeClasses.Select(known => known.Name).Order(StringComparer.Ordinal));
        Assert.True(found.RuntimeClasses.Single(known => known.Name == "paravirtual").Available);
        Assert.All(found.RuntimeClasses, known => Assert.NotEmpty(known.Message));
        Assert.NotNull(found.Virtualization);
    }

    [Fact]
    public async Task A_machine_lives_from_start_to_nothing_left()
    {
        var (driver, workload) = (CreateDriver(), Machine());
        try
        {
            await StartAsync(driver, workload, 0);
            await StartAsync(driver, workload, 0);
            var seen = await driver.GetAsync(workload.Id, Limit);
            var run = Assert.Single(seen.Runs);
            Assert.Equal((UnitState.Running, 0, EnvironmentState.Ready), (run.State, run.Attempt, seen.Environment));
            Assert.Equal((workload.Id.Uid, "uml"), (seen.Domain?.Id, seen.Domain?.Engine));
            var card = Assert.Single(seen.Interfaces);
            Assert.Equal(("default", true), (card.Name, System.Net.IPAddress.TryParse(card.IpAddress, out _)));

            await ConsoleShowsAsync(driver, workload, Greeting);
            var successor = CreateDriver();
            var adopted = Assert.Single(await successor.ListAsync(Limit), known => known.Id == workload.Id);
            Assert.Equal((workload.Id.Namespace, workload.Id.Name), (adopted.Id.Namespace, adopted.Id.Name));
            Assert.Equal(seen.Domain, (await successor.GetAsync(workload.Id, Limit)).Domain);

            await driver.StopAsync(workload.Id, run, TimeSpan.Zero, Limit);
            await driver.StopAsync(workload.Id, run, TimeSpan.Zero, Limit);
            var ended = (await driver.GetAsync(workload.Id, Limit)).Latest(DesiredWorkload.MachineUnit);
            Assert.Equal((UnitState.Exited, "Killed"), (ended?.State, ended?.Reason));
            Assert.NotEqual(0, ended?.ExitCode);

            await StartAsync(driver, workload, 1);
            Assert.Equal(1, (await driver.GetAsync(workload.Id, Limit)).Latest(DesiredWorkload.MachineUnit)?.Attempt);
            await driver.DestroyAsync(workload.Id, Limit);
            Assert.True((await driver.GetAsync(workload.Id, Limit)).IsAbsent);
            Assert.DoesNotContain(await driver.ListAsync(Limit), known => known.Id == workload.Id);
        }
        finally
        {
            await driver.DestroyAsync(workload.Id, CancellationToken.None);
            await driver.DestroyAsync(workload.Id, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Watching_tells_of_a_start()
    {
        var (driver, workload) = (CreateDriver(), Machine());
        try
        {
            await using var changes = driver.WatchAsync(Limit).GetAsyncEnumerator();
            Assert.True(await changes.MoveNextAsync());
            Assert.Null(changes.Current);
            await StartAsync(driver, workload, 0);
            do Assert.True(await changes.MoveNextAsync());
            while (changes.Current != workload.Id);
        }
        finally
        {
            await driver.DestroyAsync(workload.Id, CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        var driver = CreateDriver();
        var nobody = new WorkloadId(WorkloadKind.VirtualMachine, "kit", "nobody", "no-such-domain");
        Assert.True((await driver.GetAsync(nobody, Limit)).IsAbsent);
        var stream = new WorkloadStream(Channel.CreateUnbounded<SiloFrame>().Reader, (_, _) => ValueTask.CompletedTask);
        var end = await ((IConsoleSource)driver).AttachConsoleAsync(new ConsoleTarget { Workload = nobody.ToReference() }, stream, Limit);
        Assert.Equal("NotFound", end.Error?.Reason);
        end = await ((IPortForwarder)driver).ForwardAsync(new ForwardTarget { Workload = nobody.ToReference(), Port = 22 }, stream, Limit);
        Assert.Equal(("BadRequest", "machine kit/nobody is not running"), (end.Error?.Reason, end.Error?.Message));
        var workload = Machine();
        var outcome = await driver.StartAsync(
            new UnitStart(workload, new WorkloadSnapshot { Id = workload.Id }, workload.Units[0], new ImageId("none:1", "sha256:0"), 0, 0), Limit);
        Assert.Equal("DiskImageError", outcome.Reason);
        // Holders of an address are listed: one without a disk is none.
        Assert.DoesNotContain(await driver.ListAsync(Limit), known => known.Id == workload.Id);
    }

    private DesiredWorkload Machine()
    {
        var name = $"kit{Environment.ProcessId}-{Interlocked.Increment(ref _machines)}";
        return DesiredWorkload.From(new Assignment
        {
            RuntimeHandler = "uml",
            VirtualMachine = new VirtualMachine
            {
                Metadata = new ObjectMeta { Name = name, Namespace = "kit", Uid = $"uid-{name}" },
                Spec = new VirtualMachineSpec { Image = Image, Memory = "64Mi", Command = { "/bin/sh", "-c", $"echo {Greeting}; exec sleep 1000" } },
            },
        })!;
    }

    private async Task StartAsync(IWorkloadDriver driver, DesiredWorkload workload, int attempt)
    {
        var image = await Images.FindAsync(Image, Limit);
        Assert.NotNull(image);
        var outcome = await driver.StartAsync(new UnitStart(workload, await driver.GetAsync(workload.Id, Limit), workload.Units[0], image.Value, attempt, 0), Limit);
        Assert.False(outcome.Failed, outcome.Message);
    }

    private static async Task ConsoleShowsAsync(IWorkloadDriver driver, DesiredWorkload workload, string text)
    {
        var output = new StringBuilder();
        using var shown = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var stream = new WorkloadStream(Channel.CreateUnbounded<SiloFrame>().Reader, (frame, _) =>
        {
            if (output.Append(frame.Stdout.ToStringUtf8()).ToString().Contains(text, StringComparison.Ordinal)) shown.Cancel();
            return ValueTask.CompletedTask;
        });
        try
        {
            await ((IConsoleSource)driver).AttachConsoleAsync(new ConsoleTarget { Workload = workload.Id.ToReference(), Follow = true }, stream, shown.Token);
        }
        catch (Exception ended) when (shown.IsCancellationRequested && ended is OperationCanceledException or Grpc.Core.RpcException)
        {
        }

        Assert.Contains(text, output.ToString(), StringComparison.Ordinal);
    }
}
