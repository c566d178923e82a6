using Grpc.Core;
using Orchestrator.Hypervisor.Domains;

namespace Orchestrator.Hypervisor.Api;

/// <summary>A refusal as gRPC says it.</summary>
internal static class Refusals
{
    public static RpcException ToStatus(Refusal refusal) => new(new Status(Code(refusal.Kind), refusal.Message));

    public static RpcException Unknown(string id) => new(new Status(StatusCode.NotFound, $"there is no domain {id}"));

    private static StatusCode Code(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCode.InvalidArgument,
        RefusalKind.NotFound => StatusCode.NotFound,
        RefusalKind.Precondition => StatusCode.FailedPrecondition,
        RefusalKind.Exhausted => StatusCode.ResourceExhausted,
        RefusalKind.HostFailed => StatusCode.Unavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
