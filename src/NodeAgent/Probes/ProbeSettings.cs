using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Probes;

internal enum ProbeKind
{
    /// <summary>Whether it has come up. Until then the other two wait.</summary>
    Startup,

    /// <summary>Whether it is alive; if not, it is restarted.</summary>
    Liveness,

    /// <summary>Whether it can serve.</summary>
    Readiness,
}

/// <summary>When a probe runs and how often in a row it must say the same, converted once from the object.</summary>
internal sealed record ProbeSettings(
    ProbeKind Kind, TimeSpan InitialDelay, TimeSpan Period, TimeSpan Timeout, int SuccessThreshold, int FailureThreshold, TimeSpan? Grace)
{
    private const int DefaultPeriodSeconds = 10;
    private const int DefaultFailureThreshold = 3;

    /// <summary>The probes of a container; the API has seen to it that the numbers are sound, and filled in what was left out.</summary>
    public static IEnumerable<(ProbeSettings Settings, Probe Probe)> Of(Container container)
    {
        if (container.StartupProbe is { } startup) yield return (From(ProbeKind.Startup, startup), startup);
        if (container.LivenessProbe is { } liveness) yield return (From(ProbeKind.Liveness, liveness), liveness);
        if (container.ReadinessProbe is { } readiness) yield return (From(ProbeKind.Readiness, readiness), readiness);
    }

    private static ProbeSettings From(ProbeKind kind, Probe probe) => new(
        kind,
        TimeSpan.FromSeconds(probe.InitialDelaySeconds),
        TimeSpan.FromSeconds(probe.PeriodSeconds > 0 ? probe.PeriodSeconds : DefaultPeriodSeconds),
        TimeSpan.FromSeconds(Math.Max(probe.TimeoutSeconds, 1)),
        Math.Max(probe.SuccessThreshold, 1),
        probe.FailureThreshold > 0 ? probe.FailureThreshold : DefaultFailureThreshold,
        probe.HasTerminationGracePeriodSeconds ? TimeSpan.FromSeconds(probe.TerminationGracePeriodSeconds) : null);
}
