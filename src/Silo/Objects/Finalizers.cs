using Google.Protobuf.Collections;

namespace Orchestrator.Silo.Objects;

/// <summary>The finalizers by which an object waits for the garbage collector.</summary>
internal static class Finalizers
{
    public const string Foreground = "foregroundDeletion";
    public const string Orphan = "orphan";

    /// <summary>Makes the object wait as the policy demands. Without one it waits as it did.</summary>
    public static void Demand(RepeatedField<string> finalizers, Propagation? policy)
    {
        if (policy is null) return;
        finalizers.Remove(Foreground);
        finalizers.Remove(Orphan);
        if (policy == Propagation.Foreground) finalizers.Add(Foreground);
        if (policy == Propagation.Orphan) finalizers.Add(Orphan);
    }
}
