using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Orchestrator.Contracts.Applying;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Applying;

/// <summary>
/// Kubernetes' server-side apply: the applier says which fields he wants how; he owns those and no others. What he doesn't say any more
/// goes, unless somebody else says it too; what another manager has said differently is a conflict, unless he forces it.
/// </summary>
internal sealed class ServerSideApply
{
    private readonly Kind _kind;
    private readonly FieldWriter _manager;
    private readonly bool _force;
    private readonly JsonObject _wanted;
    private readonly FieldSet _fields;

    /// <param name="kind">What is applied.</param>
    /// <param name="applied">What the applier says, without defaults.</param>
    /// <param name="manager">The applier.</param>
    /// <param name="force">Whether he takes fields from others.</param>
    public ServerSideApply(Kind kind, IMessage applied, FieldWriter manager, bool force)
    {
        (_kind, _manager, _force) = (kind, manager, force);
        _wanted = ManagedFields.Parse(ObjectJson.Encode(kind, applied));
        var isStatus = manager.Subresource == "status";
        foreach (var name in _wanted.Select(member => member.Key).ToArray())
        {
            // Each door writes its part of the object.
            if (name is "apiVersion" or "kind" || (name == "metadata" && !isStatus)) continue;
            if ((name == "status") != isStatus) _wanted.Remove(name);
        }

        (_wanted["metadata"] as JsonObject)?.Remove("managedFields");
        _fields = FieldSets.Of(_wanted, kind);
    }

    /// <summary>The record of an object that the applier creates.</summary>
    public ManagedFieldsEntry First(DateTimeOffset now)
    {
        var entries = new RepeatedField<ManagedFieldsEntry>();
        ManagedFields.Put(entries, ManagedFields.New(_kind, _manager, ManagedFields.Apply), _fields, now);
        return entries.Count > 0 ? entries[0] : ManagedFields.New(_kind, _manager, ManagedFields.Apply);
    }

    /// <summary>The object as it becomes, defaults filled in, with its new record; or the conflicts.</summary>
    public (IMessage? Merged, ApiError? Error) MergeInto(StoredObject present, DateTimeOffset now)
    {
        var live = ManagedFields.Parse(present.Json.Span);
        var merged = (JsonObject)live.DeepClone();
        FieldMerge.Apply(merged, _wanted, _kind);
        var (changed, _) = FieldSets.Compare(live, merged, _kind);
        var entries = present.Metadata.ManagedFields.Clone();
        var own = entries.FirstOrDefault(entry => ManagedFields.IsOf(entry, _manager, ManagedFields.Apply));
        var others = entries.Where(entry => entry != own).ToArray();
        if (!_force && Conflicts(others, changed) is { Count: > 0 } conflicts) return (null, ApiError.FieldConflicts(conflicts));
        foreach (var entry in others) ManagedFields.Put(entries, entry, ManagedFields.SetOf(entry).Minus(changed), now);

        var kept = others.Aggregate(_fields, (all, entry) => all.Union(ManagedFields.SetOf(entry)));
        if (own is not null) FieldMerge.Remove(merged, ManagedFields.SetOf(own).Minus(_fields), kept, _kind);
        ManagedFields.Put(entries, own ?? ManagedFields.New(_kind, _manager, ManagedFields.Apply), _fields, now);
        return Decode(present, merged, entries);
    }

    /// <summary>A manager doesn't conflict with what he has changed himself in other ways.</summary>
    private List<(string Manager, string ApiVersion, string Field)> Conflicts(IEnumerable<ManagedFieldsEntry> others, FieldSet changed) =>
    [
        .. from entry in others
           where entry.Manager != _manager.Name
           from path in ManagedFields.SetOf(entry).Intersect(changed).Paths()
           select (entry.Manager, entry.ApiVersion, path),
    ];

    private (IMessage? Merged, ApiError? Error) Decode(StoredObject present, JsonObject merged, RepeatedField<ManagedFieldsEntry> entries)
    {
        var decoded = ObjectBody.Decode(JsonSerializer.SerializeToUtf8Bytes(merged), yaml: false, _kind, FieldValidation.Strict);
        if (decoded.Message is not { } message) return (null, ApiError.Invalid(_kind, present.Key.Name, decoded.Errors));
        Defaults.Apply(_kind, message);
        var metadata = _kind.EnsureMetadata(message);
        metadata.ManagedFields.Clear();
        metadata.ManagedFields.Add(entries);
        return (message, null);
    }
}
