using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Assignments.Status;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Options;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.NodeAgent.Fingerprint;

/// <summary>Puts together what the host, containerd and dom0 say. Two builds of an unchanged host are equal.</summary>
internal sealed class HostFactsBuilder(IEnumerable<IWorkloadDriver> drivers, AgentOptions options, HostAddress address, PodRange range, TimeProvider time)
{
    private IReadOnlyList<Condition> _conditions = [];

    public async Task<HostFacts> BuildAsync(CancellationToken cancellation)
    {
        var found = await Task.WhenAll(drivers.Select(driver => driver.FingerprintAsync(cancellation)));
        var (capacity, allocatable) = HostProbe.Resources(options.Data);
        var status = new NodeStatus { NodeInfo = HostProbe.SystemInfo(found.Select(driver => driver.Version).FirstOrDefault(version => version.Length > 0) ?? "") };
        status.Capacity.Add(capacity);
        status.Allocatable.Add(allocatable);
        status.Addresses.Add(new NodeAddress { Type = "InternalIP", Address = address.Value });
        status.Addresses.Add(new NodeAddress { Type = "Hostname", Address = options.Host });
        status.RuntimeClasses.AddRange(found.SelectMany(driver => driver.RuntimeClasses));
        status.Virtualization = found.Select(driver => driver.Virtualization).FirstOrDefault(info => info is not null);
        _conditions = [.. found.Select(Condition)];
        status.Conditions.AddRange(_conditions);
        var facts = new HostFacts { Status = status, Network = new NetworkFacts { PodCidr = range.Present() } };
        facts.Labels.Add("kubernetes.io/hostname", options.Host);
        facts.Labels.Add("kubernetes.io/arch", status.NodeInfo.Architecture);
        facts.Labels.Add("kubernetes.io/os", status.NodeInfo.OperatingSystem);
        return facts;
    }

    private Condition Condition(DriverFingerprint driver)
    {
        var condition = Conditions.Of(driver.Condition, driver.Ready, driver.Reason, driver.Message, _conditions, time.GetUtcNow());
        if (driver.Ready) (condition.Reason, condition.Message) = ("Ready", driver.Message);
        return condition;
    }
}
