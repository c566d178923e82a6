using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering.Describing;

/// <summary>Parts that descriptions of several kinds share.</summary>
internal static class ObjectHead
{
    public static void Names(Description text, JsonNode one)
    {
        text.Field(0, "Name", one.Text("metadata", "name"));
        text.OptionalField(0, "Namespace", one.Text("metadata", "namespace"));
    }

    public static void Labels(Description text, JsonNode one)
    {
        text.Map(0, "Labels", one.At("metadata", "labels"));
        text.Map(0, "Annotations", one.At("metadata", "annotations"), ": ");
    }

    /// <summary>When it was made, and if it is going, since when.</summary>
    public static void Times(Description text, JsonNode one, TimeProvider time)
    {
        text.Field(0, "Created", When(one.Text("metadata", "creationTimestamp")));
        if (one.Text("metadata", "deletionTimestamp") is not { Length: > 0 } deletion) return;
        text.Field(0, "Status", $"Terminating (lasts {Age.Since(deletion, time)})");
        text.OptionalField(0, "Termination Grace Period", Seconds(one.Text("metadata", "deletionGracePeriodSeconds")));
    }

    public static void Conditions(Description text, JsonNode one)
    {
        var conditions = one.Items("status", "conditions").ToList();
        if (conditions.Count == 0) return;
        text.Heading(0, "Conditions");
        text.Table(1, ["Type", "Status", "Since", "Reason", "Message"], conditions.Select(condition => (IReadOnlyList<string>)
        [
            condition.Text("type"), condition.Text("status"), When(condition.Text("lastTransitionTime")), condition.Text("reason"),
            condition.Text("message"),
        ]).ToList());
    }

    /// <summary>Where it may go: selectors and tolerations.</summary>
    public static void Placement(Description text, JsonNode one)
    {
        text.Map(0, "Node-Selectors", one.At("spec", "nodeSelector"));
        text.Lines(0, "Tolerations", one.Items("spec", "tolerations").Select(Toleration));
    }

    /// <summary>The waiting, running or terminated state of a run.</summary>
    public static void State(Description text, int level, string label, JsonNode? state)
    {
        foreach (var (name, title) in (ReadOnlySpan<(string, string)>)[("waiting", "Waiting"), ("running", "Running"), ("terminated", "Terminated")])
        {
            if (state.At(name) is not { } now) continue;
            text.Field(level, label, title);
            text.OptionalField(level + 1, "Reason", now.Text("reason"));
            text.OptionalField(level + 1, "Message", now.Text("message"));
            text.OptionalField(level + 1, "Exit Code", now.Text("exitCode"));
            text.OptionalField(level + 1, "Signal", now.Text("signal"));
            text.OptionalField(level + 1, "Started", When(now.Text("startedAt")));
            text.OptionalField(level + 1, "Finished", When(now.Text("finishedAt")));
        }
    }

    public static string When(string timestamp) =>
        Age.TryParse(timestamp, out var moment) ? moment.ToString("ddd, dd MMM yyyy HH:mm:ss zzz") : timestamp;

    public static string OrNone(string value) => value.Length > 0 ? value : Description.None;

    public static string Seconds(string value) => value.Length > 0 ? value + "s" : "";

    private static string Toleration(JsonNode toleration)
    {
        var text = toleration.Text("key");
        if (toleration.Text("value") is { Length: > 0 } value) text += $"={value}";
        if (toleration.Text("effect") is { Length: > 0 } effect) text += $":{effect}";
        if (toleration.Text("operator") == "Exists") text += text.Length > 0 ? " op=Exists" : "op=Exists";
        return toleration.Text("tolerationSeconds") is { Length: > 0 } seconds ? $"{text} for {seconds}s" : text;
    }
}
