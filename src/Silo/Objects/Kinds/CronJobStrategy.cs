using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

internal sealed class CronJobStrategy : KindStrategy
{
    private static readonly (string Name, int Least, int Most)[] Fields = [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)];
    private static readonly string[] Words = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    private static readonly string[] Names =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => TemplateRules.FillIn(((CronJob)obj).Spec.JobTemplate.Spec.Template);

    public override void PrepareForUpdate(IMessage old, IMessage updated) => TemplateRules.FillIn(((CronJob)updated).Spec.JobTemplate.Spec.Template);

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => Check((CronJob)obj);

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated) => Check((CronJob)updated);

    private static IEnumerable<FieldError> Check(CronJob job)
    {
        if (Problem(job.Spec.Schedule) is { } problem)
            yield return new FieldError("spec.schedule", $"Invalid value \"{job.Spec.Schedule}\": {problem}", FieldReasons.Invalid);
        if (job.Spec.HasTimeZone && !TimeZoneInfo.TryFindSystemTimeZoneById(job.Spec.TimeZone, out _))
            yield return new FieldError("spec.timeZone", $"Invalid value \"{job.Spec.TimeZone}\": unknown time zone", FieldReasons.Invalid);
        foreach (var error in JobStrategy.Check(job.Spec.JobTemplate.Spec, "spec.jobTemplate.spec")) yield return error;
    }

    private static string? Problem(string schedule)
    {
        if (schedule.StartsWith('@')) return Words.Contains(schedule) ? null : $"must be one of {string.Join(", ", Words)}, or five fields";
        var parts = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length) return "must have five fields: minute, hour, day, month, weekday";
        for (var i = 0; i < parts.Length; i++)
        {
            if (!parts[i].Split(',').All(item => IsItem(item, Fields[i].Least, Fields[i].Most))) return $"the {Fields[i].Name} \"{parts[i]}\" is not *, a number, a range or a step between {Fields[i].Least} and {Fields[i].Most}";
        }

        return null;
    }

    /// <summary><c>*</c>, <c>5</c>, <c>1-5</c>, each with an optional <c>/step</c>.</summary>
    private static bool IsItem(string item, int least, int most)
    {
        var step = item.Split('/');
        if (step.Length > 2 || (step.Length == 2 && !(int.TryParse(step[1], out var every) && every > 0))) return false;
        if (step[0] is "*" or "?") return true;
        var ends = step[0].Split('-');
        if (ends.Length == 1 && Names.Contains(ends[0].ToLowerInvariant())) return true;
        return ends.Length <= 2 && ends.All(end => Names.Contains(end.ToLowerInvariant()) || (int.TryParse(end, out var number) && number >= least && number <= most));
    }
}
