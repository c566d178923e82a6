using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Cli.Connection;

/// <summary>Figures of machines. Whoever looks would rather be told that there are none than wait for them: one attempt, and not a long one.</summary>
internal static class MachineMeasuring
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task<MachineFigures> MeasureAsync(this ClusterClient server, string ns, string name, TimeProvider time, CancellationToken cancellation)
    {
        var options = new CallOptions(deadline: time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellation);
        return (await server.Workloads.MeasureAsync(new MeasureRequest { Namespace = ns, VirtualMachine = name }, options)).Figures;
    }
}
