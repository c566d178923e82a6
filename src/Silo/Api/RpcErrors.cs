using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Orchestrator.Silo.Objects;
using Status = Google.Rpc.Status;

namespace Orchestrator.Silo.Api;

/// <summary>Refusals as gRPC's rich status. The reason is Kubernetes' and travels in ErrorInfo.</summary>
internal static class RpcErrors
{
    private const string Domain = "orchestrator.dev";

    public static RpcException ToException(this ApiError error)
    {
        var status = new Status { Code = (int)CodeOf(error.Reason), Message = error.Message };
        status.Details.Add(Any.Pack(new ErrorInfo { Domain = Domain, Reason = error.Reason.ToString() }));
        if (error.Fields.Count > 0)
        {
            var request = new BadRequest();
            foreach (var field in error.Fields)
            {
                var place = field.Line > 0 ? $"{field.Source}:{field.Line}:{field.Column}: " : field.Source.Length > 0 ? $"{field.Source}: " : "";
                request.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = field.Path, Description = field.Message, Reason = field.Reason, LocalizedMessage = new LocalizedMessage { Locale = "en", Message = place + field.Path + ": " + field.Message } });
            }

            status.Details.Add(Any.Pack(request));
        }

        return status.ToRpcException();
    }

    private static Code CodeOf(ErrorReason reason) => reason switch
    {
        ErrorReason.BadRequest or ErrorReason.Invalid or ErrorReason.UnsupportedMediaType => Code.InvalidArgument,
        ErrorReason.Unauthorized => Code.Unauthenticated,
        ErrorReason.MethodNotAllowed => Code.Unimplemented,
        ErrorReason.Timeout => Code.DeadlineExceeded,
        ErrorReason.NotFound => Code.NotFound,
        ErrorReason.AlreadyExists => Code.AlreadyExists,
        ErrorReason.Conflict => Code.Aborted,
        ErrorReason.Forbidden => Code.PermissionDenied,
        ErrorReason.Gone => Code.OutOfRange,
        ErrorReason.RequestEntityTooLarge or ErrorReason.InsufficientStorage or ErrorReason.TooManyRequests => Code.ResourceExhausted,
        ErrorReason.InternalError => Code.Internal,
        _ => Code.Unavailable,
    };
}
