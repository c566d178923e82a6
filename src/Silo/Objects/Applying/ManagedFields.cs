using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Applying;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Applying;

/// <summary>Who writes, and through which part of the object's URL.</summary>
internal readonly record struct FieldWriter(string Name, string Subresource = "");

/// <summary>The record of who says what in an object.</summary>
internal static class ManagedFields
{
    public const string Apply = "Apply";
    public const string Update = "Update";
    private const string FieldsV1 = "FieldsV1";

    /// <summary>
    /// Notes what an update has changed: it is the writer's now, and nobody else's. Objects that nobody has applied keep no record
    /// (docs/adr/0017).
    /// </summary>
    public static void TrackUpdate(StoredObject present, IMessage updated, FieldWriter manager, DateTimeOffset now)
    {
        if (present.Metadata.ManagedFields.Count == 0) return;
        var entries = present.Kind.MetadataOf(updated)!.ManagedFields;
        var (changed, removed) = FieldSets.Compare(Parse(present.Json.Span), Parse(ObjectJson.Encode(present.Kind, updated)), present.Kind);
        if (changed.IsEmpty && removed.IsEmpty) return;
        var gone = changed.Union(removed);
        foreach (var entry in entries.ToArray())
        {
            if (!IsOf(entry, manager, Update)) Put(entries, entry, SetOf(entry).Minus(gone), now);
        }

        var own = entries.FirstOrDefault(entry => IsOf(entry, manager, Update)) ?? New(present.Kind, manager, Update);
        Put(entries, own, SetOf(own).Union(changed).Minus(removed), now);
    }

    public static FieldSet SetOf(ManagedFieldsEntry entry) => FieldSet.FromJson(entry.FieldsV1.IsEmpty ? null : JsonNode.Parse(entry.FieldsV1.Span));

    public static bool IsOf(ManagedFieldsEntry entry, FieldWriter manager, string operation) =>
        entry.Manager == manager.Name && entry.Operation == operation && entry.Subresource == manager.Subresource;

    public static ManagedFieldsEntry New(Kind kind, FieldWriter manager, string operation) => new()
    {
        Manager = manager.Name,
        Operation = operation,
        Subresource = manager.Subresource,
        ApiVersion = kind.ApiVersion,
        FieldsType = FieldsV1,
    };

    /// <summary>Gives an entry its fields; one that has none goes, and one whose fields are as they were keeps its time.</summary>
    public static void Put(RepeatedField<ManagedFieldsEntry> entries, ManagedFieldsEntry entry, FieldSet fields, DateTimeOffset now)
    {
        var encoded = ByteString.CopyFromUtf8(fields.ToJson().ToJsonString());
        if (fields.IsEmpty) entries.Remove(entry);
        else if (!entries.Contains(entry)) entries.Add(entry);
        if (entry.FieldsV1 == encoded) return;
        entry.FieldsV1 = encoded;
        entry.Time = new Timestamp { Seconds = now.ToUnixTimeSeconds() };
    }

    public static JsonObject Parse(ReadOnlySpan<byte> json) => JsonNode.Parse(json)!.AsObject();
}
