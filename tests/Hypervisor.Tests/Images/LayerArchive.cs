using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.Hypervisor.Tests.Images;

/// <summary>Writes layers, honest and hostile, with another implementation of tar than the one under test.</summary>
internal sealed class LayerArchive
{
    private readonly MemoryStream _content = new();
    private readonly TarWriter _writer;

    public LayerArchive(TarEntryFormat format = TarEntryFormat.Pax)
    {
        _writer = new TarWriter(_content, format, leaveOpen: true);
    }

    public LayerArchive Folder(string name, int mode = 0x1ED) => Add(TarEntryType.Directory, name, mode: mode);

    public LayerArchive File(string name, string text, int mode = 0x1A4, int owner = 0)
    {
        var entry = New(TarEntryType.RegularFile, name, mode);
        entry.Uid = entry.Gid = owner;
        entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        _writer.WriteEntry(entry);
        return this;
    }

    public LayerArchive File(string name, byte[] content, int mode)
    {
        var entry = New(TarEntryType.RegularFile, name, mode);
        entry.DataStream = new MemoryStream(content);
        _writer.WriteEntry(entry);
        return this;
    }

    public LayerArchive Link(string name, string target) => Add(TarEntryType.SymbolicLink, name, target);

    public LayerArchive HardLink(string name, string target) => Add(TarEntryType.HardLink, name, target);

    public LayerArchive Device(string name) => Add(TarEntryType.BlockDevice, name);

    public byte[] ToArray()
    {
        _writer.Dispose();
        return _content.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    private LayerArchive Add(TarEntryType type, string name, string? target = null, int mode = 0x1ED)
    {
        var entry = New(type, name, mode);
        if (target is not null)
        {
            entry.LinkName = target;
        }

        _writer.WriteEntry(entry);
        return this;
    }

    private static PaxTarEntry New(TarEntryType type, string name, int mode) => new(type, name)
    {
        Mode = (UnixFileMode)mode,
        ModificationTime = DateTimeOffset.UnixEpoch.AddYears(50),
    };
}
