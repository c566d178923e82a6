using System.Runtime.InteropServices;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store;

internal enum WriteOperation
{
    Create = 1,
    Update = 2,
    Delete = 3,
}

/// <summary>
/// One line of the revision log. <see cref="Value"/> is the encoded object with its resourceVersion stamped; empty for a delete.
/// <see cref="Previous"/> is the revision that the key had before, 0 if none.
/// </summary>
internal readonly record struct LogRecord(
    Revision Revision, ObjectKey Key, WriteOperation Operation, Revision Previous, ReadOnlyMemory<byte> Value)
{
    /// <summary>The value as databases take it: an array, copied only where it is part of another; null for a delete.</summary>
    public byte[]? StoredValue => Operation == WriteOperation.Delete ? null
        : MemoryMarshal.TryGetArray(Value, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array
        : Value.ToArray();
}
