using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Sqlite;

/// <summary>
/// What is stored with each record, so that a byte that the disk has changed is seen: SQLite itself checks its trees, not their contents.
/// </summary>
internal static class RecordChecksum
{
    public static long Of(in LogRecord record) =>
        Of(record.Revision.Value, record.Key.ToString(), (long)record.Operation, record.Previous.Value, record.Operation == WriteOperation.Delete ? default : record.Value.Span);

    public static long Of(long revision, string key, long operation, long previous, ReadOnlySpan<byte> value)
    {
        Span<byte> numbers = stackalloc byte[3 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, revision);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], operation);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], previous);
        var hash = new XxHash64();
        hash.Append(numbers);
        hash.Append(Encoding.UTF8.GetBytes(key));
        hash.Append(value);
        return (long)hash.GetCurrentHashAsUInt64();
    }
}
