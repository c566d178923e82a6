using Orchestrator.Objects.CoreV1;
using Orchestrator.Scheduler;

namespace Orchestrator.Silo.Hosts;

/// <summary>How long a pod may stay on a host with taints that drive pods away (NoExecute), as Kubernetes has it.</summary>
internal static class TaintTolerance
{
    /// <summary>How long a pod that says nothing of outages stays on a host that is not ready or unreachable.</summary>
    public const int OutageSeconds = 300;

    private static readonly string[] Outages = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public static bool DrivesAway(Taint taint) => taint.Effect == nameof(TaintEffect.NoExecute);

    /// <summary>When the pod has to go from a host with these taints, each with the time since when it is there; null if never.</summary>
    public static DateTimeOffset? GoesAt(IReadOnlyCollection<Toleration> tolerations, IEnumerable<Taint> taints)
    {
        DateTimeOffset? goes = null;
        foreach (var taint in taints.Where(DrivesAway))
        {
            if (Seconds(tolerations, taint) is not { } seconds) continue;
            var at = taint.TimeAdded.ToDateTimeOffset().AddSeconds(seconds);
            if (goes is null || at < goes) goes = at;
        }

        return goes;
    }

    /// <summary>The shortest of what the tolerations grant; null is for ever.</summary>
    private static long? Seconds(IReadOnlyCollection<Toleration> tolerations, Taint taint)
    {
        var tolerating = tolerations.Where(toleration => TaintReading.Read(toleration).Tolerates(TaintReading.Read(taint))).ToArray();
        if (tolerating.Length == 0) return Outages.Contains(taint.Key) ? OutageSeconds : 0;
        return tolerating.Where(toleration => toleration.HasTolerationSeconds).Select(toleration => (long?)Math.Max(0, toleration.TolerationSeconds)).Min();
    }
}
