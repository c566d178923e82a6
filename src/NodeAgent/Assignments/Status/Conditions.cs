using Google.Protobuf.WellKnownTypes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.NodeAgent.Assignments.Status;

internal static class Conditions
{
    /// <summary>A condition that keeps its time of transition as long as its status stays the same.</summary>
    public static Condition Of(string type, bool status, string reason, string message, IEnumerable<Condition> previous, DateTimeOffset now)
    {
        var text = status ? "True" : "False";
        var before = previous.FirstOrDefault(condition => condition.Type == type);
        return new Condition
        {
            Type = type,
            Status = text,
            Reason = status ? "" : reason,
            Message = status ? "" : message,
            LastTransitionTime = before?.Status == text && before.LastTransitionTime is { } since ? since : Timestamp.FromDateTimeOffset(now),
        };
    }
}
