using System.Formats.Tar;
using CsCheck;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Tests.Images;

public sealed class TarStreamTests
{
    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Ustar)]
    public async Task ReadsWhatOthersWrite(TarEntryFormat format)
    {
        var name = format is TarEntryFormat.Ustar ? $"{new string('p', 90)}/{new string('n', 90)}" : new string('ü', 120);
        using var content = new MemoryStream();
        using (var writer = new TarWriter(content, format, leaveOpen: true))
        {
            System.Formats.Tar.TarEntry entry = format switch
            {
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                _ => new UstarTarEntry(TarEntryType.RegularFile, name),
            };
            entry.Mode = (UnixFileMode)0x9ED; // set-user-id
            entry.Uid = 1000;
            entry.DataStream = new MemoryStream(new byte[1000]);
            writer.WriteEntry(entry);
        }

        content.Position = 0;
        var tar = new TarStream(content, ImageLimits.Default);
        var read = await tar.NextAsync(default);

        Assert.Equal((name, 0x9ED, 1000L, 1000L), (read!.Name, read.Mode, read.UserId, read.Bytes));
        Assert.Null(await tar.NextAsync(default));
    }

    [Fact]
    public async Task AnExtendedHeaderBeyondTheLimitIsRefusedBeforeItIsRead()
    {
        var archive = new LayerArchive().File(new string('x', 300), "1").ToArray();
        using var content = new MemoryStream(archive);
        var tar = new TarStream(content, ImageLimits.Default with { ExtendedHeaderBytes = 100 });

        var error = await Assert.ThrowsAsync<InvalidImageException>(() => tar.NextAsync(default));
        Assert.Contains("extended header", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Cut off or damaged anywhere, it is read to its end or refused; nothing else, and no time or memory beyond it.</summary>
    [Fact]
    public void DamageIsRefusedOrHarmless()
    {
        var archive = new LayerArchive().Folder("a").File("a/b", new string('x', 700)).Link("c", "a").File(new string('y', 200), "z").ToArray();
        Gen.Select(Gen.Int[0, archive.Length], Gen.Int[0, archive.Length - 1], Gen.Byte).Holds(
            (length, at, value) =>
            {
                var damaged = archive[..length];
                if (at < length)
                {
                    damaged[at] = value;
                }

                ReadAll(damaged);
            },
            iter: 5_000);
    }

    private static void ReadAll(byte[] archive)
    {
        using var content = new MemoryStream(archive);
        var tar = new TarStream(content, ImageLimits.Default);
        var buffer = new byte[512];
        try
        {
            while (tar.NextAsync(default).GetAwaiter().GetResult() is not null)
            {
                while (tar.ReadAsync(buffer, default).GetAwaiter().GetResult() > 0)
                {
                }
            }
        }
        catch (InvalidImageException)
        {
        }
    }
}
