using System.Collections.Frozen;
using CsCheck;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>Random clusters and workloads, from few names and small amounts so that they often meet, collide and run short.</summary>
internal static class Clusters
{
    private static readonly string[] Classes = ["container", "paravirtual", "hardware"];
    private const string HostNameLabel = "kubernetes.io/hostname";
    private static readonly string[] Images = ["registry.example.com/web:1", "registry.example.com/large:2"];
    private static readonly string[] Gpus = ["example.com/gpu", "example.com/nic"];

    private static readonly Gen<Label> Label = Gen.Select(
        Gen.OneOf("disk", "zone", "topology.kubernetes.io/zone", "size"), Gen.OneOf("a", "b", "", "3", "7"), (key, value) => new Label(key, value));

    private static readonly Gen<HostTaint> Taint = Gen.Select(
        Gen.OneOf("dedicated", "lab", HostTaint.Unschedulable.Key), Gen.OneOf("", "x"), Gen.Enum<TaintEffect>(),
        (key, value, effect) => new HostTaint(key, value, effect));

    private static readonly Gen<TaintToleration> Toleration = Gen.Select(
        Gen.OneOf("", "dedicated", "lab", HostTaint.Unschedulable.Key), Gen.Bool, Gen.OneOf("", "x"),
        Gen.Nullable(Gen.Enum<TaintEffect>(), 0.5),
        (key, exists, value, effect) => new TaintToleration(key, exists, exists ? "" : value, effect));

    private static readonly Gen<ValueList<ExtendedAmount>> Extended = Gen.Frequency(
        (4, Gen.Const(default(ValueList<ExtendedAmount>))),
        (1, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], (gpu, nic) => Gpus.Zip([gpu, nic], (name, amount) => new ExtendedAmount(name, amount))
            .Where(amount => amount.Amount > 0).ToValueList())));

    private static readonly Gen<ResourceVector> Requests = Gen.Select(
        Amount(0, 4), Amount(0, 4), Gen.Long[0, 1], Extended, Gen.Bool, Neighbors.One(0L, 0L, 0L, 1L, 15L),
        (cpu, memory, ephemeral, extended, assumed, machine) => new ResourceVector
        {
            // Added to what is requested otherwise, so that the sum must still be a number.
            VirtualMilliCpu = Math.Max(cpu, memory) > 100 ? 0 : machine,
            MachineMemoryBytes = Math.Max(cpu, memory) > 100 ? 0 : machine / 2,
            MilliCpu = cpu,
            MemoryBytes = memory,
            EphemeralBytes = ephemeral,
            Pods = 1,
            Extended = extended,
            AssumedMilliCpu = assumed && cpu == 0 ? 1 : 0,
            AssumedMemoryBytes = assumed && memory == 0 ? 2 : 0,
        });

    private static readonly Gen<ResourceVector> Allocatable = Gen.Select(
        Amount(0, 12), Amount(0, 12), Gen.Long[0, 3], Gen.Long[0, 6], Extended,
        (cpu, memory, ephemeral, pods, extended) => new ResourceVector
        {
            MilliCpu = cpu,
            MemoryBytes = memory,
            EphemeralBytes = ephemeral,
            Pods = pods,
            Extended = extended,
        });

    private static readonly Gen<ResourceVector> Used = Gen.Frequency(
        (2, Gen.Const(default(ResourceVector))), (1, Gen.Select(Allocatable, Requests, (amounts, more) => amounts with
        {
            Pods = Math.Min(amounts.Pods, 3),
            VirtualMilliCpu = more.VirtualMilliCpu,
            MachineMemoryBytes = more.MachineMemoryBytes,
            AssumedMilliCpu = more.AssumedMilliCpu,
            AssumedMemoryBytes = more.AssumedMemoryBytes,
        })));

    private static readonly Gen<WorkloadView> PlainWorkload = Gen.Select(
        Requests, Gen.Frequency((19, Gen.Const("")), (1, Gen.Int[0, 9].Select(at => $"host-{at}"))), Rarely(Label), Rarely(Toleration),
        Gen.Frequency((6, "container"), (1, "paravirtual"), (1, "hardware"), (1, "wine")), Gen.Int[0, 2], Gen.Long[0, 5],
        (requests, host, selector, tolerations, runtimeClass, priority, sequence) => Make.Workload() with
        {
            Requests = requests,
            NodeName = host,
            Selector = selector.ToValueList(),
            Tolerations = tolerations.ToValueList(),
            RuntimeClass = runtimeClass,
            Priority = priority,
            Sequence = sequence,
        });

    public static readonly Gen<WorkloadView> Workload = Gen.Select(
        PlainWorkload, Neighbors.Traits, Neighbors.RequiredHosts, Neighbors.PreferredHosts, Neighbors.Spread,
        Neighbors.One<string[]>([], [Images[0]], Images), Neighbors.One("", "", "", "", "arm64"), Gen.Frequency((19, Gen.Const(false)), (1, Gen.Const(true))),
        (plain, traits, required, preferred, spread, images, architecture, gated) => plain with
        {
            Traits = traits,
            RequiredHosts = required,
            PreferredHosts = preferred,
            Spread = spread,
            Images = images.ToValueList(),
            Architecture = architecture,
            Gates = gated ? ["example.com/quota"] : [],
        });

    private static readonly Gen<HostView> EmptyHost = Gen.Select(
        Gen.Frequency((9, true), (1, false)), Gen.Frequency((1, true), (9, false)), Label.Array[0, 3], Rarely(Taint), Allocatable, Used, Gen.Int[1, 7],
        (ready, cordoned, labels, taints, allocatable, used, classes) => new HostView(
            default, ready, cordoned, labels.DistinctBy(label => label.Key).ToValueList(), taints.ToValueList(), allocatable, used,
            Classes.Where((_, at) => (classes >> at & 1) == 1).ToFrozenSet()));

    /// <summary>With some workloads on it, whose requests are what is used.</summary>
    public static readonly Gen<HostView> Host = Gen.Select(
        EmptyHost, Rarely(Workload), Gen.Bool, Neighbors.One<HostImage[]>([], [new(Images[0], 300 << 20)], [new(Images[0], 300 << 20), new(Images[1], 900 << 20)]),
        Neighbors.One(0, 0, 30, 100), Neighbors.One(Overcommit.Default, new Overcommit(100, 100), new Overcommit(300, 150)), Gen.Bool,
        (host, residents, named, images, rings, overcommit, foreign) => host.With(residents.Select(Named).ToArray()) with
        {
            Labels = named ? [.. host.Labels, new Label(HostNameLabel, "")] : host.Labels,
            Images = images.ToValueList(),
            RingPressurePercent = rings,
            Overcommit = overcommit,
            GuestArchitectures = foreign ? host.RuntimeClasses.Order().Select(one => $"{one}/arm64").ToValueList() : [],
        });

    /// <summary>Mostly a handful of hosts, at times more than two blocks.</summary>
    public static readonly Gen<HostView[]> Hosts = Gen.Frequency((60, Gen.Int[0, 8]), (1, Gen.Int[60, 140]))
        .SelectMany(count => Host.Array[count])
        .Select(hosts => hosts.Select((host, at) => Named(host, $"host-{at}")).ToArray());

    /// <summary>Mostly none; the two groups are told apart by how many they must be.</summary>
    private static readonly Gen<Gang?> Gang =
        Neighbors.One<Gang?>(null, null, null, null, null, new("pair", 2, 0), new("crowd", 5, 1), new("crowd", 5, 1), new("absent", null, 0));

    /// <summary>Some shapes, each often repeated, so that classes have members.</summary>
    public static readonly Gen<WorkloadView[]> Pending = Gen.Select(
            Workload.Array[1, 4], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Long[0, 5], Gang).Array[0, 16])
        .Select((shapes, members) => members.Select((member, at) => Named(shapes[member.Item1 % shapes.Length], at) with
        {
            Priority = member.Item2,
            Sequence = member.Item3,
            Gang = member.Item4,
        }).ToArray());

    /// <summary>The host under that name, also in the label that tells it, if it has that.</summary>
    public static HostView Named(HostView host, string name) => host with
    {
        Name = new HostName(name),
        Labels = host.Labels.Select(label => label.Key == HostNameLabel ? label with { Value = name } : label).ToValueList(),
    };

    private static WorkloadView Named(WorkloadView shape, int at) =>
        shape with { Key = shape.Key with { Name = $"workload-{at}" }, Uid = $"uid-{at}" };

    /// <summary>Small amounts, at times absurd ones.</summary>
    private static Gen<long> Amount(long least, long most) => Gen.Frequency((60, Gen.Long[least, most]), (1, Gen.OneOf(long.MaxValue, long.MaxValue / 2, long.MaxValue / 100)));

    private static Gen<T[]> Rarely<T>(Gen<T> item) => Gen.Frequency((2, Gen.Const(Array.Empty<T>())), (1, item.Array[1, 2]));
}
