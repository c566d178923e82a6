using System.Net.Http;
using Google.Rpc;
using Grpc.Core;

namespace Orchestrator.Cli.Connection;

/// <summary>A server's error in kubectl's words.</summary>
internal static class ServerErrors
{
    /// <summary>One line, or one a field violation: <c>Error from server (NotFound): pods "x" not found</c>.</summary>
    public static IEnumerable<string> Describe(RpcException exception, ServerAddress address)
    {
        if (IsUnreachable(exception))
        {
            yield return $"orc: no server at {address}; start one with ./dev up or set --server";
            yield break;
        }
        var prefix = $"Error from server ({ReasonOf(exception)}): ";
        var violations = exception.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.Select(InWords).ToList() ?? [];
        yield return prefix + Heading(exception.Status.Detail, violations);
        if (violations is [var only] && exception.Status.Detail.Contains(only.Plain, StringComparison.Ordinal)) yield break;
        foreach (var (placed, _) in violations) yield return $"  {placed}";
    }

    /// <summary>
    /// The message without the errors that follow on lines of their own. One error that the message tells itself stays
    /// where it is.
    /// </summary>
    private static string Heading(string message, List<(string Placed, string Plain)> violations)
    {
        if (violations.Count < 2) return message;
        var (start, length) = Find(message, violations[0]);
        var (last, lastLength) = Find(message, violations[^1]);
        if (start < 0 || last < start) return message;
        return $"{message[..start].TrimEnd(' ', ':')}:{message[(last + lastLength)..]}";
    }

    private static (int Start, int Length) Find(string message, (string Placed, string Plain) violation)
    {
        var placed = message.IndexOf(violation.Placed, StringComparison.Ordinal);
        return placed >= 0 ? (placed, violation.Placed.Length) : (message.IndexOf(violation.Plain, StringComparison.Ordinal), violation.Plain.Length);
    }

    /// <summary>With its place in the text where the server knows it (<c>pod.yaml:7:5: spec.x: …</c>), and without.</summary>
    private static (string Placed, string Plain) InWords(BadRequest.Types.FieldViolation violation)
    {
        var plain = violation.Field.Length == 0 ? violation.Description : $"{violation.Field}: {violation.Description}";
        return (violation.LocalizedMessage is { Message.Length: > 0 } local ? local.Message : plain, plain);
    }

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
