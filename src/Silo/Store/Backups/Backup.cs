using System.IO.Hashing;
using Google.Protobuf;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Store.Backups;

/// <summary>A backup that has been read whole and found to be what was written.</summary>
internal sealed record Backup(Revision Revision, IReadOnlyDictionary<ObjectKey, IMessage> Objects)
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
        var objects = new Dictionary<ObjectKey, IMessage>();
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
                    var (key, message) = Decode(entry.Object);
                    if (!objects.TryAdd(key, message)) return (null, $"it has {key} twice");
                    break;
                case BackupEntry.EntryOneofCase.End:
                    if (!input.IsAtEnd) return (null, "something follows its end");
                    if (entry.End.Checksum != XxHash64.HashToUInt64(file.AsSpan(0, start))) return (null, "it is not what was written: the checksum differs");
                    return entry.End.Objects == objects.Count
                        ? (new Backup(new Revision(header!.Revision), objects), "")
                        : (null, $"it has {objects.Count} objects, its end says {entry.End.Objects}");
                default:
                    return (null, "it has an entry that this silo doesn't know");
            }
        }

        return (null, "it is cut off: its end is missing");
    }

    private static (ObjectKey, IMessage) Decode(BackupObject obj)
    {
        var key = ObjectKey.Parse(obj.Key);
        var kind = KindCatalog.Find(key.Resource) ?? throw new FormatException($"it has {key}, a kind that this silo doesn't know: it is of a newer one");
        return (key, kind.Descriptor.Parser.ParseFrom(obj.Value));
    }
}
