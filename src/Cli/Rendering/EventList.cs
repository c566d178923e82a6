using System.Text.Json.Nodes;
using Orchestrator.Cli.Rendering.Describing;

namespace Orchestrator.Cli.Rendering;

/// <summary>Events in the order in which they last happened.</summary>
internal static class EventList
{
    public static IEnumerable<JsonNode> InOrder(IEnumerable<JsonNode> events) => events.OrderBy(LastSeen);

    /// <summary>Whether an event is about this object: the uid decides where both know it.</summary>
    public static bool IsAbout(JsonNode happened, string kind, string ns, string name, string uid)
    {
        var about = happened.At("involvedObject");
        if (about.Text("kind") != kind || about.Text("name") != name || about.Text("namespace") != ns) return false;
        var aboutUid = about.Text("uid");
        return uid.Length == 0 || aboutUid.Length == 0 || aboutUid == uid;
    }

    /// <summary>As describe ends: <c>Events:</c> and a table, or <c>&lt;none&gt;</c>.</summary>
    public static void Write(Description text, IEnumerable<JsonNode> events, TimeProvider time)
    {
        var rows = InOrder(events).Select(happened => (IReadOnlyList<string>)
        [
            happened.Text("type"), happened.Text("reason"), Times(happened, time), Source(happened), OneLine(happened.Text("message")),
        ]).ToList();
        if (rows.Count == 0)
        {
            text.Field(0, "Events", Description.None);
            return;
        }
        text.Heading(0, "Events");
        text.Table(1, ["Type", "Reason", "Age", "From", "Message"], rows);
    }

    public static IReadOnlyList<string> Row(JsonNode happened, TimeProvider time)
    {
        var about = happened.At("involvedObject");
        return
        [
            Times(happened, time), happened.Text("type"), happened.Text("reason"), $"{about.Text("kind").ToLowerInvariant()}/{about.Text("name")}",
            OneLine(happened.Text("message")),
        ];
    }

    /// <summary><c>3s</c>, or <c>3s (x4 over 10m)</c>.</summary>
    private static string Times(JsonNode happened, TimeProvider time)
    {
        var last = Age.Since(LastText(happened), time);
        return int.TryParse(happened.Text("count"), out var count) && count > 1
            ? $"{last} (x{count} over {Age.Since(happened.Text("firstTimestamp"), time)})"
            : last;
    }

    private static string Source(JsonNode happened) => (happened.Text("source", "component"), happened.Text("reportingComponent")) switch
    {
        ({ Length: > 0 } component, _) => happened.Text("source", "host") is { Length: > 0 } host ? $"{component}, {host}" : component,
        (_, var reporting) => reporting,
    };

    private static DateTimeOffset LastSeen(JsonNode happened) => Age.TryParse(LastText(happened), out var moment) ? moment : DateTimeOffset.MinValue;

    private static string LastText(JsonNode happened) =>
        happened.Text("lastTimestamp") is { Length: > 0 } last ? last : happened.Text("metadata", "creationTimestamp");

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();
}
