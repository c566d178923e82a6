using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Assignments.Hooks;
using Orchestrator.NodeAgent.Assignments.Status;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Logs;
using Orchestrator.NodeAgent.Probes;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>Makes the runner of a workload: this is the ordered list of its hooks.</summary>
internal sealed class WorkloadRunners(
    IEnumerable<IWorkloadDriver> drivers, Outbox outbox, ImageStore images, PodLogPaths logPaths, PodVolumes volumes, PodCgroups cgroups,
    HostAddress address, StepGate gate, TimeProvider time, Random random, ILogger<WorkloadRunner> logger) : IDisposable
{
    private const int ConcurrentProbes = 32;
    private readonly StepGate _probing = new(ConcurrentProbes, time);
    private readonly Dictionary<WorkloadKind, IWorkloadDriver> _drivers = drivers.ToDictionary(driver => driver.Kind);

    public WorkloadRunner Create(WorkloadId id, DesiredWorkload? desired)
    {
        var driver = _drivers[id.Kind];
        var probes = new PodProbes(driver, address.Value, _probing, time);
        IWorkloadHook[] hooks =
        [
            new LogDirectoryHook(logPaths),
            new VolumesHook(volumes, random),
            new CgroupHook(cgroups),
            new EnvironmentHook(gate, random),
            new UnitsHook(gate, new UnitImages(images, time)),
            new PowerHook(),
            new SnapshotsHook(),
            new GrowthHook(),
            new ProbesHook(probes),
        ];
        var context = new WorkloadContext(id, driver, probes, outbox, new StatusReport(address), time);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), random);
        return new WorkloadRunner(context, probes, desired, hooks, time, backoff, logger);
    }

    public void Dispose() => _probing.Dispose();
}
