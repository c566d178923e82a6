using System.IO.Hashing;
using Google.Protobuf;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store.Backups;

/// <summary>A backup: every object as it is at one revision, whatever is written meanwhile, and whichever database the log is in.</summary>
internal sealed class BackupWriter(ObjectCache cache)
{
    public const int Format = 1;

    private const int PartBytes = 256 << 10;
    private const int Attempts = 16;

    /// <summary>The file's bytes, in parts.</summary>
    public IEnumerable<ByteString> Write()
    {
        var (revision, kinds) = Cut();
        var hash = new XxHash64();
        var part = new MemoryStream(PartBytes + (PartBytes >> 1));
        long count = 0;
        Add(new BackupEntry { Header = new BackupHeader { Format = Format, Revision = revision.Value, ServerVersion = typeof(BackupWriter).Assembly.GetName().Version!.ToString(3) } });
        foreach (var obj in kinds.SelectMany(kind => kind.Objects))
        {
            Add(new BackupEntry { Object = new BackupObject { Key = obj.Key.ToString(), Value = UnsafeByteOperations.UnsafeWrap(obj.Bytes) } });
            count++;
            if (part.Length < PartBytes) continue;
            yield return Take();
        }

        hash.Append(part.GetBuffer().AsSpan(0, (int)part.Length));
        new BackupEntry { End = new BackupEnd { Objects = count, Checksum = hash.GetCurrentHashAsUInt64() } }.WriteDelimitedTo(part);
        yield return ByteString.CopyFrom(part.GetBuffer(), 0, (int)part.Length);

        void Add(BackupEntry entry) => entry.WriteDelimitedTo(part);

        ByteString Take()
        {
            var bytes = ByteString.CopyFrom(part.GetBuffer(), 0, (int)part.Length);
            hash.Append(bytes.Span);
            part.SetLength(0);
            return bytes;
        }
    }

    /// <summary>All kinds at one revision. A kind whose window is left behind while they are gathered is gathered anew.</summary>
    private (Revision Revision, IReadOnlyList<KindCache.Snapshot> Kinds) Cut()
    {
        for (var attempt = 1; ; attempt++)
        {
            var revision = cache.Revision;
            var kinds = cache.Kinds.Select(kind => kind.At(revision)).ToArray();
            if (kinds.All(kind => kind is not null)) return (revision, kinds!);
            if (attempt == Attempts) throw new InvalidOperationException("The cluster changes faster than it can be read; take the backup again.");
        }
    }
}
