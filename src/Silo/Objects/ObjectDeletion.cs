using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Objects;

/// <summary>What deleting an object writes: its removal, or the beginning of its end, or nothing where that has begun already.</summary>
internal static class ObjectDeletion
{
    public static (Write? Write, ObjectOutcome Outcome) Plan(StoredObject present, DeleteOptions options, ClientRequest request, KindStrategy strategy, DateTimeOffset now)
    {
        var grace = strategy.GraceSeconds(present, options.GracePeriodSeconds);
        var finalizers = present.Metadata.Finalizers.Clone();
        Finalizers.Demand(finalizers, options.Propagation);
        if (grace is null && finalizers.Count == 0) return (Write.Delete(present, request), ObjectOutcome.Deleted);
        var shortens = !present.Terminating || present.Metadata.DeletionGracePeriodSeconds > (grace ?? 0);
        if (!shortens && finalizers.Equals(present.Metadata.Finalizers)) return (null, ObjectOutcome.Terminating);
        return (Write.Update(present, Begin(present, shortens ? grace ?? 0 : null, finalizers, strategy, now), request), ObjectOutcome.Terminating);
    }

    private static IMessage Begin(
        StoredObject present, long? grace, Google.Protobuf.Collections.RepeatedField<string> finalizers, KindStrategy strategy, DateTimeOffset now)
    {
        var updated = present.Copy();
        var metadata = present.Kind.MetadataOf(updated)!;
        metadata.Finalizers.Clear();
        metadata.Finalizers.Add(finalizers);
        if (grace is not { } seconds) return updated;
        metadata.DeletionTimestamp = new Timestamp { Seconds = now.ToUnixTimeSeconds() + seconds };
        metadata.DeletionGracePeriodSeconds = seconds;
        if (!present.Terminating && metadata.Generation > 0) metadata.Generation++;
        strategy.BeginDeletion(updated);
        return updated;
    }
}
