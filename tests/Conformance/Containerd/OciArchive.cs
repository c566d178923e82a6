using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace Orchestrator.Conformance.Containerd;

/// <summary>Writes an image of one layer as an OCI image layout in a tar file.</summary>
internal static class OciArchive
{
    private static readonly string[] Applets =
        ["sh", "sleep", "echo", "cat", "true", "false", "env", "id", "head", "tail", "dd", "hostname", "ls", "pwd", "wc", "stty", "kill", "touch", "yes", "httpd", "wget", "nc"];

    public static void WriteBusybox(string path, string name) => Write(path, name, ["/bin/sh"], layer =>
    {
        AddFile(layer, "bin/busybox", "/bin/busybox");
        foreach (var applet in Applets) layer.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        layer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0x3FF });
    });

    public static void WritePause(string path, string name) => Write(path, name, ["/catatonit", "-P"], layer => AddFile(layer, "catatonit", "/usr/bin/catatonit"));

    private static void AddFile(TarWriter layer, string name, string source)
    {
        using var data = File.OpenRead(source);
        layer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data, Mode = (UnixFileMode)0x1ED });
    }

    private static void Write(string path, string name, string[] entrypoint, Action<TarWriter> fill)
    {
        using var layer = new MemoryStream();
        using (var writer = new TarWriter(layer, TarEntryFormat.Ustar, leaveOpen: true)) fill(writer);
        var config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = "amd64",
            os = "linux",
            config = new { Env = new[] { "PATH=/bin" }, Entrypoint = entrypoint },
            rootfs = new { type = "layers", diff_ids = new[] { Digest(layer.ToArray()) } },
        });
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.manifest.v1+json",
            config = Descriptor("application/vnd.oci.image.config.v1+json", config),
            layers = new[] { Descriptor("application/vnd.oci.image.layer.v1.tar", layer.ToArray()) },
        });
        var entry = Descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
        entry["annotations"] = new Dictionary<string, string> { ["io.containerd.image.name"] = name };
        using var archive = new TarWriter(File.Create(path), TarEntryFormat.Ustar);
        Add(archive, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray());
        Add(archive, "index.json", JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, manifests = new[] { entry } }));
        foreach (var blob in new[] { config, manifest, layer.ToArray() }) Add(archive, $"blobs/{Digest(blob).Replace(':', '/')}", blob);
    }

    private static void Add(TarWriter archive, string name, byte[] data)
        => archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(data) });

    private static Dictionary<string, object> Descriptor(string mediaType, byte[] data)
        => new() { ["mediaType"] = mediaType, ["digest"] = Digest(data), ["size"] = data.Length };

    public static string Digest(byte[] data) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(data))}";
}
