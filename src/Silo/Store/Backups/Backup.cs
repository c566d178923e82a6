using System.IO.Hashing;
using Google.Protobuf;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store.Backups;

/// <summary>A backup that has been read whole and found to be what was written.</summary>
/// <param name="Kinds">What its objects are, those kinds included that it defines itself.</param>
internal sealed record Backup(Revision Revision, IReadOnlyDictionary<ObjectKey, IMessage> Objects, KindSet Kinds)
{
    /// <summary>The backup in a file, or why it is none.</summary>
    public static (Backup? Backup, string Problem) Read(byte[] file)
    {
        try
        {
            return ReadEntries(file);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "it is cut off, or not a backup");
        }
        catch (FormatException broken)
        {
            return (null, broken.Message);
        }
    }

    private static (Backup?, string) ReadEntries(byte[] file)
    {
        using var input = new CodedInputStream(file);
        var objects = new Dictionary<ObjectKey, ByteString>();
        BackupHeader? header = null;
        while (!input.IsAtEnd)
        {
            var start = (int)input.Position;
            var entry = new BackupEntry();
            input.ReadMessage(entry);
            if (header is null && entry.EntryCase != BackupEntry.EntryOneofCase.Header) return (null, "it does not begin as a backup does");
            switch (entry.EntryCase)
            {
                case BackupEntry.EntryOneofCase.Header:
                    header = entry.Header;
                    if (header.Format != BackupWriter.Format) return (null, $"its format is {header.Format}; this silo knows {BackupWriter.Format}");
                    break;
                case BackupEntry.EntryOneofCase.Object:
                    var key = ObjectKey.Parse(entry.Object.Key);
                    if (!objects.TryAdd(key, entry.Object.Value)) return (null, $"it has {key} twice");
                    break;
                case BackupEntry.EntryOneofCase.End:
                    if (!input.IsAtEnd) return (null, "something follows its end");
                    if (entry.End.Checksum != XxHash64.HashToUInt64(file.AsSpan(0, start))) return (null, "it is not what was written: the checksum differs");
                    return entry.End.Objects == objects.Count
                        ? (Decode(new Revision(header!.Revision), objects), "")
                        : (null, $"it has {objects.Count} objects, its end says {entry.End.Objects}");
                default:
                    return (null, "it has an entry that this silo doesn't know");
            }
        }

        return (null, "it is cut off: its end is missing");
    }

    private static Backup Decode(Revision revision, Dictionary<ObjectKey, ByteString> objects)
    {
        var served = new ServedKinds();
        foreach (var (key, value) in objects.Where(one => one.Key.Resource == ServedKinds.Definitions)) served.Take(key.Name, CustomResourceDefinition.Parser.ParseFrom(value));
        var kinds = new KindSet(KindCatalog.All.Concat(served.Stored));
        return new Backup(revision, objects.ToDictionary(one => one.Key, one => Decode(one.Key, one.Value, kinds)), kinds);
    }

    private static IMessage Decode(ObjectKey key, ByteString value, KindSet kinds) =>
        (kinds.Find(key.Resource) ?? throw new FormatException($"it has {key}, a kind that this silo doesn't know: it is of a newer one")).Parse(value.Span);
}
