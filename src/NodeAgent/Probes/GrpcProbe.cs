using Grpc.Core;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Health.V1;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>Healthy if the container's gRPC health service says SERVING.</summary>
internal sealed class GrpcProbe(Uri uri, string service) : IProbeAction
{
    public async Task<ProbeOutcome> RunAsync(CancellationToken cancellation)
    {
        using var channel = Endpoint.Open(uri.GetLeftPart(UriPartial.Authority));
        try
        {
            var answer = await new Health.V1.Health.HealthClient(channel).CheckAsync(
                new HealthCheckRequest { Service = service }, cancellationToken: cancellation);
            return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? ProbeOutcome.Healthy
                : ProbeOutcome.Failed($"service unhealthy (responded with \"{NameOf(answer.Status)}\")");
        }
        catch (RpcException failed)
        {
            cancellation.ThrowIfCancellationRequested();
            return ProbeOutcome.Failed(failed.StatusCode == StatusCode.Unimplemented
                ? "the server does not implement the grpc health protocol (grpc.health.v1.Health)"
                // The client's own words for a failed connection don't say why it failed.
                : failed.Status.DebugException?.GetBaseException().Message ?? failed.Status.Detail);
        }
    }

    private static string NameOf(HealthCheckResponse.Types.ServingStatus status) => status switch
    {
        HealthCheckResponse.Types.ServingStatus.NotServing => "NOT_SERVING",
        HealthCheckResponse.Types.ServingStatus.ServiceUnknown => "SERVICE_UNKNOWN",
        _ => "UNKNOWN",
    };
}
