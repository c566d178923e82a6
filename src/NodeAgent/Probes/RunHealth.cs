using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>What the probes know of one run. Each probe's loop writes its own answer; the workload's runner reads them all.</summary>
internal sealed class RunHealth
{
    private volatile bool _started;
    private volatile bool _ready;
    private volatile UnitFault? _fault;

    /// <param name="container">The container as the object has it.</param>
    /// <param name="told">What the object's status says of this very run, if it does: an agent goes on from there after its predecessor.</param>
    public RunHealth(Container container, ContainerStatus? told)
    {
        _started = container.StartupProbe is null || told?.Started == true;
        _ready = container.ReadinessProbe is null || told?.Ready == true;
    }

    public bool Started => _started;

    public bool Faulty => _fault is not null;

    public UnitRun ApplyTo(UnitRun run) => run with { Started = _started, Ready = _started && _ready, Fault = _fault };

    public void Take(ProbeSettings probe, bool healthy)
    {
        if (probe.Kind == ProbeKind.Readiness) _ready = healthy;
        else if (!healthy) _fault = new UnitFault($"it failed its {NameOf(probe.Kind)} probe", probe.Grace);
        else if (probe.Kind == ProbeKind.Startup) _started = true;
    }

    private static string NameOf(ProbeKind kind) => kind == ProbeKind.Startup ? "startup" : "liveness";
}
