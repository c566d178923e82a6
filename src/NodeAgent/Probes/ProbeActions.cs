using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>
/// Makes of a probe's words what asks the container. Requests go to the pod's address from here, the host's own network: what a
/// container binds to its loopback alone, nobody else reaches either. Words that make no sense become a probe that fails and says so.
/// </summary>
internal static class ProbeActions
{
    public static IProbeAction Of(Probe probe, Container container, UnitRun run, string address, ICommandRunner? commands, TimeSpan timeout)
    {
        if (probe.Exec is { } exec)
            return commands is null ? new BrokenProbe("nothing here runs commands") : new ExecProbe(commands, run, exec.Command, timeout);
        var wanted = probe.HttpGet?.Port ?? probe.TcpSocket?.Port ?? new IntOrString { IntValue = probe.Grpc?.Port ?? 0 };
        if (PortOf(wanted, container) is not { } port) return new BrokenProbe($"container {container.Name} has no port {wanted.StringValue}");
        var host = probe.HttpGet?.Host is { Length: > 0 } named ? named : probe.TcpSocket?.Host is { Length: > 0 } other ? other : address;
        if (probe.TcpSocket is not null)
            return Uri.CheckHostName(host) == UriHostNameType.Unknown ? new BrokenProbe($"\"{host}\" is no host") : new TcpProbe(host, port);
        var scheme = probe.HttpGet?.Scheme == "HTTPS" ? "https" : "http";
        if (!Uri.TryCreate($"{scheme}://{(host.Contains(':') ? $"[{host}]" : host)}:{port}/{probe.HttpGet?.Path.TrimStart('/')}", UriKind.Absolute, out var uri))
            return new BrokenProbe($"\"{host}\" is no host, or the path is no path");
        return probe.Grpc is { } grpc ? new GrpcProbe(uri, grpc.Service) : new HttpProbe(uri, probe.HttpGet?.HttpHeaders ?? []);
    }

    private static int? PortOf(IntOrString wanted, Container container)
    {
        var port = wanted.ValueCase == IntOrString.ValueOneofCase.IntValue
            ? wanted.IntValue
            : container.Ports.FirstOrDefault(port => port.Name == wanted.StringValue)?.ContainerPort_;
        return port is > 0 and <= ushort.MaxValue ? port : null;
    }
}
