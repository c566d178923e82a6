using System.IO.Hashing;
using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks;

/// <summary>
/// A raw image at the bottom of a chain; never written to. Its fingerprint is a hash of its length and of 64 samples of 4 KiB, the
/// first and the last page among them: it tells another image, not every change of one, for which a whole image would have to be read.
/// </summary>
internal sealed class RawImage : IDisposable
{
    private const int Samples = 64;

    private RawImage(IDiskFile file, long bytes, Guid fingerprint)
    {
        File = file;
        Bytes = bytes;
        Fingerprint = fingerprint;
    }

    public IDiskFile File { get; }

    public long Bytes { get; }

    public Guid Fingerprint { get; }

    public static RawImage Open(IDiskFile file)
    {
        var bytes = file.Length;
        var hash = new XxHash128();
        hash.Append(BitConverter.GetBytes(bytes));
        var page = new byte[LayerFormat.PageBytes];
        for (var i = 0; i < Samples && bytes > 0; i++)
        {
            var offset = (long)((Int128)Math.Max(0, bytes - page.Length) * i / (Samples - 1));
            var part = page.AsSpan(0, (int)Math.Min(page.Length, bytes - offset));
            file.Read(offset, part);
            hash.Append(part);
        }

        return new RawImage(file, bytes, new Guid(hash.GetHashAndReset()));
    }

    public ParentIdentity IdentityAs(string fileName) => new(ParentKind.Raw, fileName, Fingerprint, 0, Bytes);

    public DiskSegment Map(long offset, int length)
    {
        var inside = (int)Math.Clamp(Bytes - offset, 0, length);
        return inside == 0 ? DiskSegment.Zeroes(length) : new DiskSegment(File, offset, inside);
    }

    public void Dispose() => File.Dispose();
}
