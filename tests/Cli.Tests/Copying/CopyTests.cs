using System.Formats.Tar;
using System.Text;
using Orchestrator.Cli.Copying;

namespace Orchestrator.Cli.Tests.Copying;

public sealed class CopyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orc-cp").FullName;
    private readonly List<string> _refused = [];

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_folder, "target");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("web:/etc/passwd", "", "web", "/etc/passwd")]
    [InlineData("team/web:x", "team", "web", "x")]
    [InlineData("./a:b", "", "", "./a:b")]
    [InlineData("/a:b", "", "", "/a:b")]
    [InlineData("file", "", "", "file")]
    [InlineData("web:a:b", "", "web", "a:b")]
    public void A_place_is_here_or_in_a_pod(string text, string ns, string pod, string path) => Assert.Equal(new CopyPlace(ns, pod, path), CopyPlace.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(":/x")]
    [InlineData("web:")]
    [InlineData("a/b/c:/x")]
    [InlineData("a/:/x")]
    public void What_is_no_place_is_refused(string text) => Assert.Throws<CommandException>(() => CopyPlace.Parse(text));

    [Theory]
    [InlineData("/etc/passwd", "/etc", "passwd")]
    [InlineData("/etc/", "/", "etc")]
    [InlineData("etc", ".", "etc")]
    [InlineData("a/b", "a", "b")]
    [InlineData("/", "/", ".")]
    [InlineData("/www/.", "/www/.", ".")]
    [InlineData("a/..", "a/..", ".")]
    public void A_path_there_is_a_folder_and_a_name_in_it(string path, string folder, string name) => Assert.Equal(new RemotePath(folder, name), RemotePath.Split(path));

    [Theory]
    [InlineData("./top/a/b", "top", "a/b")]
    [InlineData("top/", "top", "")]
    [InlineData("./a", ".", "a")]
    [InlineData("./other/a", "top", null)]
    [InlineData("top/../../a", "top", null)]
    [InlineData("../a", ".", null)]
    [InlineData("/top/a", "top", null)]
    public void A_name_leads_below_what_was_asked_for_or_nowhere(string name, string top, string? below) =>
        Assert.Equal(below, ArchiveNames.Below(name, top) is { } parts ? string.Join('/', parts) : null);

    [Theory]
    [InlineData("b", 0, true)]
    [InlineData("../b", 1, true)]
    [InlineData("..", 1, true)]
    [InlineData("../b", 0, false)]
    [InlineData("../../b", 1, false)]
    [InlineData("/b", 3, false)]
    [InlineData("", 3, false)]
    [InlineData("a/../b", 3, false)]
    public void A_link_goes_up_to_the_top_and_then_down(string target, int depth, bool stays) => Assert.Equal(stays, ArchiveNames.StaysBelow(target, depth));

    [Fact]
    public async Task A_hostile_archive_writes_nothing_outside_of_the_target()
    {
        var outside = Path.Combine(_folder, "outside");
        Directory.CreateDirectory(outside);
        await UnpackAsync(writer =>
        {
            Add(writer, TarEntryType.Directory, "./top");
            Add(writer, TarEntryType.RegularFile, "./top/../../outside/name", "x");
            Add(writer, TarEntryType.RegularFile, outside + "/absolute", "x");
            Add(writer, TarEntryType.SymbolicLink, "./top/away", link: outside);
            Add(writer, TarEntryType.RegularFile, "./top/away/through", "kept");
            Add(writer, TarEntryType.SymbolicLink, "./top/up", link: "../outside");
            Add(writer, TarEntryType.Directory, "./top/d");
            Add(writer, TarEntryType.SymbolicLink, "./top/d/self", link: "..");
            Add(writer, TarEntryType.SymbolicLink, "./top/chain", link: "d/self/../outside");
            Add(writer, TarEntryType.RegularFile, "./top/d/self/inside", "x");
            Add(writer, TarEntryType.Directory, "./top/d/self");
            Add(writer, TarEntryType.HardLink, "./top/hard", link: "../outside/secret");
            Add(writer, TarEntryType.HardLink, "./top/linked", link: "./top/d/self/d/x");
            Add(writer, TarEntryType.Fifo, "./top/fifo");
        });
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Equal(["away", "away/through", "d", "d/self"], Directory.GetFileSystemEntries(Target)
            .SelectMany(path => (string[])[path, .. Directory.GetFileSystemEntries(path)]).Select(path => Path.GetRelativePath(Target, path)).Order(StringComparer.Ordinal));
        Assert.Equal("..", new FileInfo(Path.Combine(Target, "d", "self")).LinkTarget);
        Assert.Equal(10, _refused.Count);
        Assert.Contains("./top/fifo: it is neither a file, a folder nor a link", _refused);
    }

    [Fact]
    public async Task What_is_packed_comes_out_as_it_was_over_what_was_there()
    {
        var source = Path.Combine(_folder, "source");
        var deep = Path.Combine(source, new string('n', 120), new string('m', 120));
        Directory.CreateDirectory(deep);
        await File.WriteAllBytesAsync(Path.Combine(source, "data"), [0, 1, 2, 255], Limit);
        await File.WriteAllTextAsync(Path.Combine(deep, "ü"), "deep", Limit);
        File.SetUnixFileMode(Path.Combine(source, "data"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(source, "link"), "data");
        Directory.CreateDirectory(Path.Combine(source, "empty"));
        Directory.CreateDirectory(Target);
        File.CreateSymbolicLink(Path.Combine(Target, "data"), Path.Combine(_folder, "elsewhere"));

        using var archive = new MemoryStream();
        await Packing.WriteAsync(source, "./top", archive, Limit);
        archive.Position = 0;
        await new Unpacking("top", Target, _refused.Add).RunAsync(archive, Limit);
        Assert.Empty(_refused);
        Assert.Equal([0, 1, 2, 255], await File.ReadAllBytesAsync(Path.Combine(Target, "data"), Limit));
        Assert.Equal((null, UnixFileMode.UserRead | UnixFileMode.UserExecute), (new FileInfo(Path.Combine(Target, "data")).LinkTarget, File.GetUnixFileMode(Path.Combine(Target, "data"))));
        Assert.False(File.Exists(Path.Combine(_folder, "elsewhere")));
        Assert.Equal("deep", await File.ReadAllTextAsync(Path.Combine(Target, new string('n', 120), new string('m', 120), "ü"), Limit));
        Assert.Equal("data", new FileInfo(Path.Combine(Target, "link")).LinkTarget);
        Assert.True(Directory.Exists(Path.Combine(Target, "empty")));
    }

    [Fact]
    public async Task An_archive_that_is_cut_off_leaves_no_half_file()
    {
        using var archive = new MemoryStream();
        await using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true)) Add(writer, TarEntryType.RegularFile, "./top", new string('x', 5000));
        using var cut = new MemoryStream(archive.ToArray()[..2000]);
        await Assert.ThrowsAnyAsync<IOException>(() => new Unpacking("top", Target, _refused.Add).RunAsync(cut, Limit));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private async Task UnpackAsync(Action<TarWriter> fill)
    {
        using var archive = new MemoryStream();
        await using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true)) fill(writer);
        archive.Position = 0;
        await new Unpacking("top", Target, _refused.Add).RunAsync(archive, Limit);
    }

    private static void Add(TarWriter writer, TarEntryType type, string name, string? text = null, string? link = null)
    {
        var entry = new GnuTarEntry(type, name) { Mode = (UnixFileMode)0x1ED };
        if (link is not null) entry.LinkName = link;
        if (text is not null) entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        writer.WriteEntry(entry);
    }
}
