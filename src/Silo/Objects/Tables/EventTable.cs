using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Objects.Tables;

internal static class EventTable
{
    public static readonly TableLayout Layout = new(
    [
        new Column("Last Seen", "string", (obj, now) => Ages.Since(obj.As<Event>().LastTimestamp, now)),
        new Column("Type", "string", (obj, _) => obj.As<Event>().Type),
        new Column("Reason", "string", (obj, _) => obj.As<Event>().Reason),
        new Column("Object", "string", (obj, _) => About(obj.As<Event>())),
        new Column("Source", "string", (obj, _) => string.Join(", ", new[] { obj.As<Event>().Source?.Component, obj.As<Event>().Source?.Host }.Where(text => !string.IsNullOrEmpty(text))), Wide: true),
        new Column("Message", "string", (obj, _) => obj.As<Event>().Message),
        new Column("Count", "integer", (obj, _) => obj.As<Event>().Count.ToString(), Wide: true),
    ]);

    private static string About(Event happened) => $"{happened.InvolvedObject.Kind.ToLowerInvariant()}/{happened.InvolvedObject.Name}";
}
