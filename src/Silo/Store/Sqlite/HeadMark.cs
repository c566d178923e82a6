using System.Buffers.Binary;
using System.IO.Hashing;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Sqlite;

/// <summary>
/// A witness beside the database: which store it is, and the last revision that was acknowledged. SQLite takes a write-ahead log that is
/// damaged or gone for one that was never written, and a truncated file for a new one; the mark knows better. It is written after each
/// commit and never synced: it may be behind the log, never ahead of what the log has on the disk.
/// </summary>
internal sealed class HeadMark : IDisposable
{
    private const int Bytes = 3 * sizeof(long);

    private readonly FileStream _file;
    private readonly byte[] _mark = new byte[Bytes];

    public HeadMark(string path)
    {
        Path = path;
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    public string Path { get; }

    /// <summary>The identity and the revision; null where there is no mark, or not a whole one.</summary>
    public (long Identity, Revision Last)? Read()
    {
        Span<byte> mark = stackalloc byte[Bytes];
        if (RandomAccess.Read(_file.SafeFileHandle, mark, 0) != Bytes) return null;
        if (BinaryPrimitives.ReadUInt64LittleEndian(mark[16..]) != XxHash64.HashToUInt64(mark[..16])) return null;
        return (BinaryPrimitives.ReadInt64LittleEndian(mark), new Revision(BinaryPrimitives.ReadInt64LittleEndian(mark[8..])));
    }

    public void Write(long identity, Revision last)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_mark, identity);
        BinaryPrimitives.WriteInt64LittleEndian(_mark.AsSpan(8), last.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(_mark.AsSpan(16), XxHash64.HashToUInt64(_mark.AsSpan(0, 16)));
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, _mark, 0);
        }
        catch (IOException)
        {
            // A mark that stays behind proves less, but nothing wrong; the commit before it stands.
        }
    }

    public void Dispose() => _file.Dispose();
}
