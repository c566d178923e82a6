using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.SchedulingV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>
/// What a workload's PriorityClass says becomes part of the workload, so that a later change of the class doesn't change it. A workload
/// that names none gets the class that is the default, if there is one; one that gives a number and no class keeps it.
/// </summary>
internal static class Priorities
{
    /// <summary>What every cluster has, above all that users may define.</summary>
    public static readonly IReadOnlyList<(string Name, int Value)> BuiltIn = [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

    private static readonly Kind Kind = KindCatalog.Of<PriorityClass>();

    /// <summary>The class of a workload; null if it has none, or names one that isn't there.</summary>
    public static PriorityClass? Of(string name, bool hasNumber, ObjectCache cache)
    {
        if (name.Length > 0) return cache[Kind].Find("", name)?.As<PriorityClass>();
        if (hasNumber) return null;
        return cache[Kind].Current.Objects.Select(obj => obj.As<PriorityClass>()).Where(one => one.GlobalDefault)
            .OrderBy(one => one.Value).ThenBy(one => one.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
    }

    public static FieldError? Check(string name, ObjectCache cache)
    {
        if (name.Length == 0 || cache[Kind].Find("", name) is not null) return null;
        var known = cache[Kind].Current.Objects.Select(obj => obj.Key.Name);
        return new FieldError(
            "spec.priorityClassName", $"Invalid value \"{name}\": no such PriorityClass; there are {string.Join(", ", known)}", "NotFound");
    }
}
