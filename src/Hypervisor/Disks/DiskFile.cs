using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Disks;

/// <summary>A file of the host, through its page cache.</summary>
internal sealed class DiskFile : IDiskFile
{
    private DiskFile(string path, FileMode mode, FileAccess access)
    {
        Name = path;

        // The store knows who writes what; .NET's advisory locks would forbid two disks to share a parent.
        Handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
    }

    public string Name { get; }

    public SafeFileHandle Handle { get; }

    public long Length => RandomAccess.GetLength(Handle);

    public static DiskFile Open(string path) => new(path, FileMode.Open, FileAccess.ReadWrite);

    public static DiskFile OpenReadOnly(string path) => new(path, FileMode.Open, FileAccess.Read);

    public static DiskFile OpenOrCreate(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);

    public static DiskFile Create(string path) => new(path, FileMode.CreateNew, FileAccess.ReadWrite);

    public void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = RandomAccess.Read(Handle, buffer, offset);
            if (count == 0)
            {
                throw new EndOfStreamException($"{Name} ends at {offset}");
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data) => RandomAccess.Write(Handle, data, offset);

    public void Flush() => RandomAccess.FlushToDisk(Handle);

    public void SetLength(long length) => RandomAccess.SetLength(Handle, length);

    public void PunchHole(long offset, long length) => FileSpace.PunchHole(Handle, offset, length);

    public void Dispose() => Handle.Dispose();
}
