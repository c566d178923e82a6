using Google.Rpc;
using Grpc.Core;

namespace Orchestrator.Cli.Connection;

/// <summary>A server's error in kubectl's words.</summary>
internal static class ServerErrors
{
    /// <summary>One line, or one a field violation: <c>Error from server (NotFound): pods "x" not found</c>.</summary>
    public static IEnumerable<string> Describe(RpcException exception, ClusterAddress address)
    {
        if (ClusterErrors.IsUnreachable(exception))
        {
            yield return $"orc: no server at {address}; start one with ./dev up or set --server";
            yield break;
        }
        var prefix = $"Error from server ({ClusterErrors.ReasonOf(exception)}): ";
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
}
