using Google.Rpc;
using Grpc.Core;

namespace Orchestrator.Client;

/// <summary>What an error of a call means.</summary>
public static class ClusterErrors
{
    /// <summary>Kubernetes' reason: the one that the server gave, else the nearest to the status code.</summary>
    public static string ReasonOf(RpcException exception)
    {
        if (exception.GetRpcStatus()?.GetDetail<ErrorInfo>() is { Reason.Length: > 0 } info) return info.Reason;
        return exception.StatusCode switch
        {
            StatusCode.NotFound => "NotFound",
            StatusCode.AlreadyExists => "AlreadyExists",
            StatusCode.Aborted => "Conflict",
            StatusCode.InvalidArgument or StatusCode.FailedPrecondition => "BadRequest",
            StatusCode.OutOfRange => "Gone",
            StatusCode.ResourceExhausted => "TooManyRequests",
            StatusCode.PermissionDenied => "Forbidden",
            StatusCode.Unauthenticated => "Unauthorized",
            StatusCode.DeadlineExceeded => "Timeout",
            StatusCode.Unavailable => "ServiceUnavailable",
            StatusCode.Unimplemented => "MethodNotAllowed",
            StatusCode.Internal or StatusCode.DataLoss => "InternalError",
            _ => exception.StatusCode.ToString(),
        };
    }

    /// <summary>There is no such object.</summary>
    public static bool IsNotFound(RpcException exception) => ReasonOf(exception) == "NotFound";

    /// <summary>The version asked for is compacted, or not of this log: list anew.</summary>
    public static bool IsGone(RpcException exception) => exception.StatusCode == StatusCode.OutOfRange;

    /// <summary>No connection was made, so nothing was sent.</summary>
    public static bool IsUnreachable(RpcException exception)
    {
        if (exception.StatusCode != StatusCode.Unavailable) return false;
        for (var cause = exception.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError })
                return true;
        }
        return false;
    }
}
