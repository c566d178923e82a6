namespace Orchestrator.Scheduler;

/// <summary>What a taint does to a workload that does not tolerate it.</summary>
public enum TaintEffect
{
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

/// <summary>A label of a host, or one that a workload wants its host to have.</summary>
public readonly record struct Label(string Key, string Value)
{
    public override string ToString() => $"{Key}={Value}";
}

/// <summary>A host's mark that keeps workloads away.</summary>
public readonly record struct HostTaint(string Key, string Value, TaintEffect Effect)
{
    /// <summary>The taint that a cordoned host is taken to have.</summary>
    public static readonly HostTaint Unschedulable = new("node.kubernetes.io/unschedulable", "", TaintEffect.NoSchedule);

    public override string ToString() => Value.Length == 0 ? $"{Key}:{Effect}" : $"{Key}={Value}:{Effect}";
}

/// <summary>
/// A workload's consent to taints. <paramref name="Exists"/> ignores the value; with it, an empty key stands for every
/// key. No effect stands for every effect.
/// </summary>
public readonly record struct TaintToleration(string Key, bool Exists, string Value, TaintEffect? Effect)
{
    public bool Tolerates(HostTaint taint) =>
        (Effect is null || Effect == taint.Effect)
        && (Exists ? Key.Length == 0 || Key == taint.Key : Key == taint.Key && Value == taint.Value);
}
