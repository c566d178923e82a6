using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.Load;

/// <summary>
/// A cluster that somebody has: the lists that <c>orc get nodes,pods,vms -A -o json</c> prints. Its hosts are there from the beginning, and its
/// workloads come in the order and with the pauses of their creation, none with a host yet.
/// </summary>
internal sealed record Recording(IReadOnlyList<HostView> Hosts, IReadOnlyList<Arrival> Arrivals)
{
    /// <exception cref="FormatException">What the file says is not what the API says; all errors at once.</exception>
    public static Recording Read(string file)
    {
        var read = Manifests.Read(File.ReadAllBytes(file), file);
        if (read.Errors.Count > 0) throw new FormatException(string.Join('\n', read.Errors));
        var objects = read.Objects.Select(one => one.Message).ToList();
        var hosts = objects.OfType<Node>().Select(node => HostView.From(node, default)).ToList();
        var sequence = 0L;
        var workloads = objects.OfType<Pod>().Where(pod => pod.Status?.Phase is not ("Succeeded" or "Failed"))
            .Select(pod => (pod.Metadata.CreationTimestamp?.Seconds ?? 0, WorkloadView.From(pod, null, sequence++)))
            .Concat(objects.OfType<VirtualMachine>().Select(vm => (vm.Metadata.CreationTimestamp?.Seconds ?? 0, WorkloadView.From(vm, null, sequence++))))
            .OrderBy(pair => pair.Item1).ToList();
        var first = workloads.Count > 0 ? workloads[0].Item1 : 0;
        return new Recording(hosts, workloads.ConvertAll(pair => new Arrival((pair.Item1 - first) * 1000, Free(pair.Item2, hosts), GroupMinimum: 1)));
    }

    /// <summary>A workload that is on one of the hosts was put there; which, is what is tried anew.</summary>
    private static WorkloadView Free(WorkloadView workload, List<HostView> hosts) =>
        hosts.Any(host => host.Name.Value == workload.NodeName) ? workload with { NodeName = "" } : workload;
}
