using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store.Backups;

/// <summary>The writes that make what is there what a backup says.</summary>
internal static class RestorePlan
{
    private static readonly ResourceId Nodes = KindCatalog.Of<Node>().Resource;

    public static IReadOnlyList<Write> For(Backup backup, ObjectCache cache)
    {
        var writes = new List<Write>();
        foreach (var present in cache.Kinds.SelectMany(kind => kind.Current.Objects))
        {
            // A node is what its host says of itself, now and not then.
            if (present.Key.Resource == Nodes) continue;
            if (!backup.Objects.TryGetValue(present.Key, out var wanted)) writes.Add(Write.Delete(present));
            else if (!Same(present, wanted)) Replace(present, wanted, writes);
        }

        foreach (var (key, wanted) in backup.Objects)
        {
            if (cache.Find(key) is null) writes.Add(Write.Create(key, backup.Kinds.Find(key.Resource)!, wanted));
        }

        return [.. writes.OrderBy(Order)];
    }

    /// <summary>Objects go before what defines their kind, and come after it.</summary>
    private static int Order(Write write) => (write.Message is null, write.Kind.Custom is null) switch
    {
        (true, false) => 0,
        (_, true) => 1,
        (false, false) => 2,
    };

    /// <summary>Of the same name may be another object: who watches it has to see the one go and the other come.</summary>
    private static void Replace(StoredObject present, IMessage wanted, List<Write> writes)
    {
        if (present.Kind.MetadataOf(wanted)?.Uid == present.Uid)
        {
            writes.Add(Write.Update(present, wanted));
            return;
        }

        writes.Add(Write.Delete(present));
        writes.Add(Write.Create(present.Key, present.Kind, wanted));
    }

    private static bool Same(StoredObject present, IMessage wanted)
    {
        var then = present.Kind.MetadataOf(wanted)?.ResourceVersion;
        // The version alone is no difference: an object that hasn't changed since is left alone.
        return then == present.Revision.ToString() && present.Message.Equals(wanted);
    }
}
