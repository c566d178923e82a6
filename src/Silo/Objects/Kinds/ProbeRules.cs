using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What the probes of a container must keep to beyond the forms of their fields.</summary>
internal static class ProbeRules
{
    /// <param name="runsOn">False for an init container that ends before the next starts: it has nothing to probe.</param>
    public static IEnumerable<FieldError> Check(Container container, string path, bool runsOn)
    {
        foreach (var (probe, name) in new[] { (container.LivenessProbe, "livenessProbe"), (container.ReadinessProbe, "readinessProbe"), (container.StartupProbe, "startupProbe") })
        {
            if (probe is null) continue;
            if (!runsOn)
                yield return new FieldError($"{path}.{name}", "Forbidden: may not be set for init containers without restartPolicy=Always", FieldReasons.Forbidden);
            foreach (var error in Check(probe, $"{path}.{name}", readiness: name == "readinessProbe")) yield return error;
        }
    }

    private static IEnumerable<FieldError> Check(Probe probe, string path, bool readiness)
    {
        var actions = new object?[] { probe.Exec, probe.HttpGet, probe.TcpSocket, probe.Grpc }.Count(action => action is not null);
        if (actions == 0) yield return new FieldError(path, "Required value: must specify a handler type: exec, httpGet, tcpSocket or grpc", FieldReasons.Required);
        if (actions > 1) yield return new FieldError(path, "Forbidden: may not specify more than 1 handler type", FieldReasons.Forbidden);
        foreach (var error in Port(probe.HttpGet?.Port, $"{path}.httpGet.port").Concat(Port(probe.TcpSocket?.Port, $"{path}.tcpSocket.port"))) yield return error;
        if (!readiness && probe.SuccessThreshold != 1)
            yield return new FieldError($"{path}.successThreshold", $"Invalid value {probe.SuccessThreshold}: must be 1", FieldReasons.Invalid);
        if (readiness && probe.HasTerminationGracePeriodSeconds)
            yield return new FieldError($"{path}.terminationGracePeriodSeconds", "Forbidden: must not be set for readiness probes", FieldReasons.Forbidden);
    }

    private static IEnumerable<FieldError> Port(IntOrString? port, string path)
    {
        if (port is { ValueCase: IntOrString.ValueOneofCase.IntValue } && port.IntValue is < 1 or > 65535)
            yield return new FieldError(path, $"Invalid value {port.IntValue}: must be between 1 and 65535, inclusive", FieldReasons.Invalid);
    }
}
