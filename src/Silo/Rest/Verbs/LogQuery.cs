using System.Globalization;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>Which part of a container's log is wanted; the parameters are those of Kubernetes' PodLogOptions.</summary>
internal readonly record struct LogQuery(string Container, LogsTarget Target, long? LimitBytes)
{
    public static (LogQuery Query, ApiError? Error) Read(IQueryCollection values, DateTimeOffset now)
    {
        var problems = new List<string>();
        var target = new LogsTarget { Follow = Flag("follow"), Previous = Flag("previous"), Timestamps = Flag("timestamps") };
        if (Number("tailLines") is { } lines) target.TailLines = lines;
        if (Number("sinceSeconds") is { } seconds) target.SinceSeconds = seconds;
        if (Text("sinceTime") is { Length: > 0 } text)
        {
            if (target.HasSinceSeconds) problems.Add("sinceTime: Forbidden: at most one of sinceTime or sinceSeconds may be specified");
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since))
                target.SinceSeconds = Math.Max(1, (long)Math.Ceiling((now - since).TotalSeconds));
            else problems.Add($"sinceTime: Invalid value \"{text}\": must be a time (RFC 3339)");
        }

        var query = new LogQuery(Text("container"), target, Number("limitBytes"));
        return (query, problems.Count == 0 ? null : new ApiError(ErrorReason.BadRequest, string.Join("; ", problems)));

        string Text(string name) => values.TryGetValue(name, out var given) && given.Count > 0 ? given[0] ?? "" : "";

        bool Flag(string name) => values.ContainsKey(name) && Text(name) is "" or "true" or "1" or "True" or "TRUE";

        long? Number(string name)
        {
            if (Text(name) is not { Length: > 0 } given) return null;
            if (long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            problems.Add($"{name}: Invalid value \"{given}\": must be a whole number of 0 or more");
            return null;
        }
    }
}
