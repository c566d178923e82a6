using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Hypervisor.Tests.Images;

/// <summary>An OCI image layout as a tar archive, as skopeo would write it.</summary>
internal sealed class OciArchive
{
    private readonly List<(string Digest, byte[] Content)> _blobs = [];

    public OciArchive(JsonObject config, params byte[][] layers)
    {
        var image = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = config,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() },
        };
        var configBlob = Descriptor("application/vnd.oci.image.config.v1+json", Encoding.UTF8.GetBytes(image.ToJsonString()));
        var layerBlobs = layers.Select(layer => Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)).ToArray();
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = configBlob,
            ["layers"] = new JsonArray([.. layerBlobs]),
        };
        Digest = Store(Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    /// <summary>Of the manifest.</summary>
    public string Digest { get; }

    /// <summary>Static busybox and what a small guest needs of it.</summary>
    public static OciArchive Busybox(JsonObject config, params string[] applets)
    {
        var layer = new LayerArchive().Folder("bin").File("bin/busybox", System.IO.File.ReadAllBytes("/bin/busybox"), 0x1ED);
        foreach (var applet in applets)
        {
            layer.Link($"bin/{applet}", "busybox");
        }

        layer.Folder("etc").File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/:/bin/sh\n");
        return new OciArchive(config, LayerArchive.Gzip(layer.ToArray()));
    }

    /// <param name="damage">Changes a blob's content after its digest was taken.</param>
    public byte[] ToArray(Func<byte[], byte[]>? damage = null)
    {
        using var content = new MemoryStream();
        using (var writer = new TarWriter(content, TarEntryFormat.Ustar, leaveOpen: true))
        {
            Add(writer, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray());
            foreach (var (digest, blob) in _blobs)
            {
                Add(writer, $"blobs/sha256/{digest["sha256:".Length..]}", damage is null ? blob : damage(blob));
            }
        }

        return content.ToArray();
    }

    private static void Add(TarWriter writer, string name, byte[] content) => writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(content),
    });

    private JsonObject Descriptor(string mediaType, byte[] content) => new()
    {
        ["mediaType"] = mediaType,
        ["digest"] = Store(content),
        ["size"] = content.Length,
    };

    private string Store(byte[] content)
    {
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
        _blobs.Add((digest, content));
        return digest;
    }
}
