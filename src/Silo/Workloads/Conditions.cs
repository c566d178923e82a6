using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Workloads;

/// <summary>Conditions: one of each type, and a transition time that moves only with the status.</summary>
internal static class Conditions
{
    public const string PodScheduled = "PodScheduled";
    public const string Ready = "Ready";
    public const string DisruptionTarget = "DisruptionTarget";

    private static readonly string[] OfTheControlPlane = [PodScheduled, DisruptionTarget];

    /// <summary>Sets a condition. True if anything of it changed.</summary>
    public static bool Set(RepeatedField<Condition> conditions, string type, bool? holds, string reason, string message, TimeProvider time)
    {
        var status = holds switch { true => "True", false => "False", null => "Unknown" };
        var present = conditions.FirstOrDefault(condition => condition.Type == type);
        if (present is not null && present.Status == status && present.Reason == reason && present.Message == message) return false;
        if (present is null) conditions.Add(present = new Condition { Type = type });
        if (present.Status != status) present.LastTransitionTime = new Timestamp { Seconds = time.GetUtcNow().ToUnixTimeSeconds() };
        (present.Status, present.Reason, present.Message) = (status, reason, message);
        return true;
    }

    /// <summary>
    /// What a reported status may not decide: whether the workload is bound and why it is ended stay as they were, and what has not changed
    /// keeps its time.
    /// </summary>
    public static void TakeOver(IReadOnlyList<Condition> before, RepeatedField<Condition> reported)
    {
        foreach (var claimed in reported.Where(condition => OfTheControlPlane.Contains(condition.Type)).ToArray()) reported.Remove(claimed);
        foreach (var own in before.Where(condition => OfTheControlPlane.Contains(condition.Type)).Reverse()) reported.Insert(0, own.Clone());
        KeepTransitionTimes(before, reported);
    }

    /// <summary>Where a reported condition has the status that it had, it keeps the time since when it has it.</summary>
    public static void KeepTransitionTimes(IReadOnlyList<Condition> before, IReadOnlyList<Condition> reported)
    {
        foreach (var condition in reported)
        {
            var same = before.FirstOrDefault(old => old.Type == condition.Type && old.Status == condition.Status);
            if (same?.LastTransitionTime is not null) condition.LastTransitionTime = same.LastTransitionTime;
        }
    }
}
