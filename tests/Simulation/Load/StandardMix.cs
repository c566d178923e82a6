using System.Globalization;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.Load;

/// <summary>
/// What a cluster of everyday runs: services of several replicas that spread, databases that stay apart and want fast disks, machines, jobs
/// that end, and groups that are of use only together. The same seed gives the same workloads.
/// </summary>
internal sealed class StandardMix(int seed)
{
    private const long Mebi = 1L << 20;
    private const long Minute = 60_000;

    private static readonly ResourceId Pods = new("", "pods");
    private static readonly ResourceId Machines = new("virt.orchestrator.dev", "virtualmachines");

    private readonly Random _random = new(seed);
    private int _owners;

    /// <summary>So many workloads within so many milliseconds.</summary>
    /// <param name="count">At least so many: a service comes whole.</param>
    /// <param name="within">The time.</param>
    /// <param name="lasting">Nothing ends, and nothing is more important than the rest.</param>
    public List<Arrival> Make(int count, long within, bool lasting)
    {
        var arrivals = new List<Arrival>(count + 20);
        while (arrivals.Count < count)
        {
            var at = within * arrivals.Count / count;
            arrivals.AddRange(_random.Next(100) switch
            {
                < 35 => Service(at, lasting),
                < 40 => Database(at),
                < 55 => [Machine(at)],
                < 58 => Group(at, lasting),
                _ => [Job(at, lasting)],
            });
        }

        return arrivals;
    }

    private Arrival[] Service(long at, bool lasting)
    {
        var (owner, size) = (NewOwner("service"), Pick(250, 500, 500, 1000));
        var template = Pod(owner, size, size * Pick(1, 2, 4)) with { Priority = lasting || _random.Next(10) > 0 ? 0 : 1000 };
        return Replicas(at, template, _random.Next(2, 21));
    }

    private Arrival[] Database(long at)
    {
        var owner = NewOwner("database");
        var own = new Selection([new LabelRequirement("app", LabelOperator.In, [owner])]);
        var template = Pod(owner, Pick(2000, 4000), Pick(8192, 16384));
        var traits = template.Traits with { AntiAffinity = [new WorkloadTerm(HostShapes.HostName, own, ["default"])] };
        return Replicas(at, template with { Traits = traits, Selector = [new Label(HostShapes.Disk, "ssd")] }, 3);
    }

    private Arrival Machine(long at)
    {
        var owner = NewOwner("machine");
        var machine = Pod(owner, 0, 0);
        var (cpus, mebibytes) = (Pick(1, 2, 4), Pick(1024, 2048, 4096, 8192));
        return new Arrival(at, machine with
        {
            Key = new ObjectKey(Machines, "default", owner),
            RuntimeClass = "paravirtual",
            Requests = new ResourceVector { VirtualMilliCpu = cpus * 1000, MachineMemoryBytes = mebibytes * Mebi, Pods = 1 },
            Traits = machine.Traits with { Owner = "" },
        });
    }

    private Arrival Job(long at, bool lasting)
    {
        var owner = NewOwner("job");
        return new Arrival(at, Pod(owner, Pick(500, 1000, 2000, 4000), Pick(512, 1024, 4096, 8192)), lasting ? null : _random.Next(1, 30) * Minute);
    }

    private Arrival[] Group(long at, bool lasting)
    {
        var (owner, members) = (NewOwner("group"), _random.Next(4, 9));
        var template = Pod(owner, 2000, 4096);
        var traits = template.Traits with { Labels = [.. template.Traits.Labels, new Label(WorkloadView.GroupLabel, owner)] };
        long? lasts = lasting ? null : _random.Next(2, 15) * Minute;
        return [.. Replicas(at, template with { Traits = traits }, members).Select(arrival => arrival with { Lasts = lasts, GroupMinimum = members })];
    }

    private static Arrival[] Replicas(long at, WorkloadView template, int count) =>
        [.. Enumerable.Range(0, count).Select(replica => new Arrival(at, template with
        {
            Key = template.Key with { Name = string.Create(CultureInfo.InvariantCulture, $"{template.Key.Name}-{replica}") },
        }))];

    private static WorkloadView Pod(string owner, long milliCpu, long mebibytes) => new(
        new ObjectKey(Pods, "default", owner), owner, new ResourceVector { MilliCpu = milliCpu, MemoryBytes = mebibytes * Mebi, Pods = 1 },
        NodeName: "", Selector: [], Tolerations: [], "container", Priority: 0, Sequence: 0)
    {
        Traits = new WorkloadTraits { Namespace = "default", Owner = owner, Labels = [new Label("app", owner)] },
    };

    private string NewOwner(string what) => string.Create(CultureInfo.InvariantCulture, $"{what}-{_owners++}");

    private long Pick(params ReadOnlySpan<long> of) => of[_random.Next(of.Length)];
}
