using System.Buffers;
using System.Formats.Tar;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Orchestrator.NodeAgent.Images;

/// <summary>
/// An image as an OCI image layout in one tar stream: <c>oci-layout</c>, <c>index.json</c>, <c>blobs/sha256/…</c>,
/// with the blobs of the one manifest only. Nothing is kept on disk; a slow reader slows containerd down.
/// </summary>
internal sealed class LayoutArchive(ContentStore content)
{
    private const int RecordBytes = 512;
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> WriteAsync(ImageManifest image, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return Small("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8);
        yield return Small("index.json", Index(image.Manifest));
        foreach (var blob in image.Contents.Prepend(image.Manifest).DistinctBy(blob => blob.Digest))
        {
            yield return Header($"blobs/{blob.Digest.Replace(':', '/')}", blob.Size);
            long written = 0;
            await foreach (var piece in content.ReadAsync(blob, cancellation))
            {
                written += piece.Length;
                yield return piece;
            }

            if (written != blob.Size) throw new InvalidDataException($"{blob.Digest} has {written} bytes where its descriptor says {blob.Size}");
            if (Padding(written) is > 0 and var padding) yield return new byte[padding];
        }

        yield return new byte[2 * RecordBytes];
    }

    private static byte[] Index(Blob manifest) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["schemaVersion"] = 2,
        ["manifests"] = new[]
        {
            new Dictionary<string, object>
            {
                ["mediaType"] = manifest.MediaType.Length > 0 ? manifest.MediaType : ManifestType,
                ["digest"] = manifest.Digest,
                ["size"] = manifest.Size,
                ["platform"] = new Dictionary<string, string> { ["os"] = "linux", ["architecture"] = "amd64" },
            },
        },
    });

    private static byte[] Small(string name, ReadOnlySpan<byte> data)
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.Write(Header(name, data.Length));
        writer.Write(data);
        writer.Write(new byte[Padding(data.Length)]);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The tar writer of .NET wants the data with the header; a blob's data comes later, so the header is taken from an archive that ends after it.</summary>
    private static byte[] Header(string name, long size)
    {
        using var archive = new MemoryStream();
        using var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true);
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead });
        var header = archive.GetBuffer().AsSpan(0, RecordBytes).ToArray();
        WriteOctal(header.AsSpan(124, 12), size);
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header) sum += value;
        WriteOctal(header.AsSpan(148, 7), sum);
        return header;
    }

    private static void WriteOctal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
        if (value != 0) throw new InvalidDataException("a blob is larger than a tar entry can be (8 GiB)");
    }

    private static int Padding(long size) => (int)((RecordBytes - (size % RecordBytes)) % RecordBytes);
}
