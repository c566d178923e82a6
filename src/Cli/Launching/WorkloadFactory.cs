using System.Globalization;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Cli.Launching;

/// <summary>Makes the object that an order describes. What only the server can judge (names, quantities) it leaves to it.</summary>
internal static class WorkloadFactory
{
    public const string ContainerClass = "container";
    public const string MachineClass = "paravirtual";
    private static readonly string[] MachineClasses = [MachineClass, "emulated", "hardware"];

    /// <exception cref="CommandException">The order contradicts itself.</exception>
    public static Workload Make(WorkloadOrder order)
    {
        if (order.Memory is [.., 'm'])
            throw new CommandException($"--memory {order.Memory}: m means thousandths; for megabytes write {order.Memory[..^1]}Mi or {order.Memory[..^1]}M");
        if (order.MachineType is not null && (order.Cpus ?? order.Memory) is not null)
            throw new CommandException("--machine-type names the machine's size: leave --cpus and --memory out");
        return MachineClasses.Contains(order.RuntimeClass) ? new Workload(null, Machine(order)) : new Workload(Pod(order), null);
    }

    private static Pod Pod(WorkloadOrder order)
    {
        if (order.MachineType is not null) throw new CommandException("--machine-type is for machines: add --vm or --class");
        var container = new Container
        {
            Name = order.Name,
            Image = order.Image,
            ImagePullPolicy = order.PullPolicy,
            Env = { Environment(order) },
            Stdin = order.Stdin,
            StdinOnce = order.Stdin,
            Tty = order.Tty,
        };
        (order.WordsAreCommand ? container.Command : container.Args).Add(order.Words);
        if (order.Port is { } port) container.Ports.Add(new ContainerPort { ContainerPort_ = port });
        foreach (var (resource, amount) in (ReadOnlySpan<(string, string?)>)[("cpu", order.Cpus), ("memory", order.Memory)])
        {
            if (amount is null) continue;
            container.Resources ??= new ResourceRequirements();
            container.Resources.Limits.Add(resource, amount);
            container.Resources.Requests.Add(resource, amount);
        }
        return new Pod
        {
            Metadata = Metadata(order),
            Spec = new PodSpec
            {
                Containers = { container },
                RestartPolicy = order.RestartPolicy,
                RuntimeClassName = order.RuntimeClass == ContainerClass ? "" : order.RuntimeClass,
            },
        };
    }

    private static VirtualMachine Machine(WorkloadOrder order)
    {
        if (order.Port is not null) throw new CommandException("--port is for containers; a machine listens where it likes");
        var spec = new VirtualMachineSpec
        {
            RuntimeClassName = order.RuntimeClass,
            Image = order.Image,
            ImagePullPolicy = order.PullPolicy,
            Memory = order.Memory ?? "",
            MachineTypeName = order.MachineType ?? "",
            Env = { Environment(order) },
            RunStrategy = RunStrategy(order),
        };
        (order.WordsAreCommand ? spec.Command : spec.Args).Add(order.Words);
        if (order.Cpus is { } cpus)
        {
            spec.Cpus = int.TryParse(cpus, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
                ? count
                : throw new CommandException($"--cpus {cpus}: a machine has a whole number of processors");
        }
        return new VirtualMachine { Metadata = Metadata(order), Spec = spec };
    }

    /// <summary>A machine that ends well isn't started again unless it shall always run.</summary>
    private static string RunStrategy(WorkloadOrder order) => (order.RestartPolicy, order.RestartGiven) switch
    {
        ("Always", _) => "Always",
        ("OnFailure", _) or ("Never", false) => "RerunOnFailure",
        ("Never", true) => throw new CommandException("--restart Never: a machine knows Always and OnFailure"),
        var (other, _) => throw new CommandException($"invalid restart policy: {other}"),
    };

    private static ObjectMeta Metadata(WorkloadOrder order)
    {
        var metadata = new ObjectMeta { Name = order.Name, Namespace = order.Namespace };
        if (order.Labels.Count == 0) metadata.Labels.Add("run", order.Name);
        foreach (var label in order.Labels)
        {
            var (key, value) = Split(label, "--labels");
            metadata.Labels[key] = value;
        }
        return metadata;
    }

    private static IEnumerable<EnvVar> Environment(WorkloadOrder order) => order.Environment.Select(variable =>
    {
        var (name, value) = Split(variable, "--env");
        return new EnvVar { Name = name, Value = value };
    });

    private static (string Key, string Value) Split(string pair, string option)
    {
        var at = pair.IndexOf('=');
        return at > 0 ? (pair[..at], pair[(at + 1)..]) : throw new CommandException($"{option} {pair}: KEY=VALUE is needed");
    }
}
