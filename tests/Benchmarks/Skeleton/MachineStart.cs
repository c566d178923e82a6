extern alias contracts;
using contracts::Orchestrator.Dom0.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>
/// From the Apply of a machine until its console has printed a first line, less what the engine alone takes for that.
/// The machine's disk is in the cache already: the first run, which fills it, isn't counted.
/// </summary>
internal static class MachineStart
{
    private const int Runs = 9;
    private static readonly ResourceName Machines = new() { Group = "virt.orchestrator.dev", Resource = "virtualmachines" };

    public static async IAsyncEnumerable<Figure> MeasureAsync(BenchCluster cluster)
    {
        List<double> ours = [], alone = [];
        for (var run = 0; run <= Runs; run++)
        {
            var (milliseconds, engine) = await StartAsync(cluster, $"bench-vm-{run}");
            var bare = await engine.FirstLineAsync();
            if (run == 0) continue;
            ours.Add(milliseconds);
            alone.Add(bare);
        }
        yield return new Figure("VM create to first console line, median of 9", Samples.Median(ours), "ms") { Peer = Samples.Median(alone), PeerName = "linux.uml alone" };
        yield return new Figure("VM create to first console line less the engine alone", Samples.Median(ours) - Samples.Median(alone), "ms") { Goal = 100 };
    }

    private static async Task<(double Milliseconds, BareEngine Engine)> StartAsync(BenchCluster cluster, string name)
    {
        using var domains = cluster.Domains.Watch(new WatchDomainsRequest());
        using var machine = cluster.Objects.Watch(new WatchRequest
        {
            Resource = Machines,
            Namespace = "default",
            Name = name,
            Form = Form.Proto,
            AllowBookmarks = true,
        });
        while (await machine.ResponseStream.MoveNext() && machine.ResponseStream.Current.Type != WatchEvent.Types.Type.Bookmark) { }

        var started = TimeProvider.System.GetTimestamp();
        await cluster.Objects.ApplyAsync(new ApplyRequest { Manifest = new Manifest { Proto = Any.Pack(Machine(name)) }, DefaultNamespace = "default", Form = Form.Proto });
        var domain = await DomainAsync(domains.ResponseStream, name);
        await FirstLineAsync(cluster, domain.Id);
        var milliseconds = Samples.MillisecondsSince(started);

        var engine = await BareEngine.OfAsync(cluster, domain.Id);
        await cluster.Objects.DeleteAsync(new DeleteRequest { Resource = Machines, Namespace = "default", Name = name, GracePeriodSeconds = 0 });
        await foreach (var change in machine.ResponseStream.ReadAllAsync())
        {
            if (change.Type == WatchEvent.Types.Type.Deleted) break;
        }
        return (milliseconds, engine);
    }

    private static async Task<Domain> DomainAsync(IAsyncStreamReader<Domain> domains, string name)
    {
        await foreach (var domain in domains.ReadAllAsync())
        {
            if (domain.Spec.Label.EndsWith(name, StringComparison.Ordinal)) return domain;
        }
        throw new InvalidOperationException("dom0 ended the watch");
    }

    private static async Task FirstLineAsync(BenchCluster cluster, string domain)
    {
        using var console = cluster.Domains.Console();
        await console.RequestStream.WriteAsync(new DomainConsoleInput { Start = new DomainConsoleStart { Id = domain, Follow = true } });
        await foreach (var output in console.ResponseStream.ReadAllAsync())
        {
            if (output.Data.Span.IndexOf((byte)'\n') >= 0) return;
        }
        throw new InvalidOperationException("the machine ended before it printed a line");
    }

    private static VirtualMachine Machine(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new VirtualMachineSpec { RuntimeClassName = "paravirtual", Image = BenchCluster.Image, Memory = "128Mi" },
    };
}
