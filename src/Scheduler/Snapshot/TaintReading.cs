using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Scheduler;

/// <summary>Taints and tolerations out of validated objects.</summary>
public static class TaintReading
{
    public static HostTaint Read(Taint taint) => new(taint.Key, taint.Value, EffectOf(taint.Effect));

    public static TaintToleration Read(Toleration toleration) => new(
        toleration.Key,
        toleration.Operator == "Exists",
        toleration.Value,
        toleration.Effect.Length == 0 ? null : EffectOf(toleration.Effect));

    /// <exception cref="FormatException">No such effect: the object was never validated.</exception>
    private static TaintEffect EffectOf(string effect) => effect switch
    {
        nameof(TaintEffect.NoSchedule) => TaintEffect.NoSchedule,
        nameof(TaintEffect.PreferNoSchedule) => TaintEffect.PreferNoSchedule,
        nameof(TaintEffect.NoExecute) => TaintEffect.NoExecute,
        _ => throw new FormatException($"'{effect}' is not the effect of a taint."),
    };
}
