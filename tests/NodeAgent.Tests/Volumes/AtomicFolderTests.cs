using System.Text;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Tests.Volumes;

public sealed class AtomicFolderTests : IDisposable
{
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;
    private const UnixFileMode Private = (UnixFileMode)0b100_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("atomic-folder").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_are_read_by_their_names_with_their_modes()
    {
        Assert.True(AtomicFolder.Write(_folder, Files(("one", "1", Readable), ("deep/er/two", "2", Private))));
        Assert.Equal("1", Read("one"));
        Assert.Equal("2", Read("deep/er/two"));
        Assert.Equal(Private, File.GetUnixFileMode(Path.Join(_folder, "deep/er/two")));
        Assert.False(AtomicFolder.Write(_folder, Files(("one", "1", Readable), ("deep/er/two", "2", Private))));
    }

    [Fact]
    public void A_change_replaces_all_files_at_once_and_leaves_nothing_of_the_old_ones()
    {
        AtomicFolder.Write(_folder, Files(("stays", "old", Readable), ("goes", "old", Readable)));
        using var open = File.OpenRead(Path.Join(_folder, "stays"));
        Assert.True(AtomicFolder.Write(_folder, Files(("stays", "new", Readable), ("comes", "new", Readable))));
        Assert.Equal(["comes", "stays"], Visible());
        Assert.Equal("new", Read("stays"));
        Assert.Single(Directory.EnumerateDirectories(_folder, "..*"), path => new DirectoryInfo(path).LinkTarget is null);
        // Who has a file open reads the version that he opened.
        Assert.Equal("old", new StreamReader(open).ReadToEnd());
    }

    [Fact]
    public void A_changed_mode_is_a_change() =>
        Assert.True(AtomicFolder.Write(_folder, Files(("key", "1", Readable))) && AtomicFolder.Write(_folder, Files(("key", "1", Private))));

    /// <summary>What an agent leaves that was killed before its version was in place.</summary>
    [Fact]
    public void What_a_version_was_cut_off_at_is_cleared()
    {
        AtomicFolder.Write(_folder, Files(("key", "1", Readable)));
        Directory.CreateDirectory(Path.Join(_folder, "..2", "half"));
        File.CreateSymbolicLink(Path.Join(_folder, "..data.next"), "..2");
        Assert.True(AtomicFolder.Write(_folder, Files(("key", "2", Readable))));
        Assert.Equal("2", Read("key"));
        Assert.Equal(["..2", "..data"], Directory.EnumerateFileSystemEntries(_folder, "..*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_files_are_a_version_too()
    {
        AtomicFolder.Write(_folder, Files(("key", "1", Readable)));
        Assert.True(AtomicFolder.Write(_folder, Files()));
        Assert.Empty(Visible());
        Assert.True(AtomicFolder.IsWritten(_folder));
    }

    private string Read(string path) => File.ReadAllText(Path.Join(_folder, path));

    private IEnumerable<string?> Visible() => Directory.EnumerateFileSystemEntries(_folder)
        .Select(Path.GetFileName).Where(name => !name!.StartsWith("..", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static Dictionary<string, VolumeFile> Files(params (string Path, string Text, UnixFileMode Mode)[] files) =>
        files.ToDictionary(file => file.Path, file => new VolumeFile(Encoding.UTF8.GetBytes(file.Text), file.Mode));
}
