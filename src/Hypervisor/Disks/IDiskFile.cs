namespace Orchestrator.Hypervisor.Disks;

/// <summary>
/// A file or block device below a disk. What is written may reach the medium in any order and in part until <see cref="Flush"/> returns:
/// the one barrier there is. Every failure is an <see cref="IOException"/>.
/// </summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>For messages.</summary>
    string Name { get; }

    long Length { get; }

    /// <summary>Fills the whole buffer.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    void Read(long offset, Span<byte> buffer);

    void Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>Everything that was written before is durable afterwards. After a failure nothing may be assumed about it any more.</summary>
    void Flush();

    void SetLength(long length);

    /// <summary>Gives the room back to the host; the range reads as zeroes. Does nothing where the file system can't.</summary>
    void PunchHole(long offset, long length);
}
