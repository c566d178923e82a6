using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Tests.Images;

public sealed class ImageImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dom0-import-").FullName;
    private readonly ImageImport _import = new(ImageLimits.Default, new FakeTimeProvider());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AnImageBecomesAFileSystemWithOwnersModesAndLinks()
    {
        var layer = new LayerArchive()
            .File("bin/tool", "#!", mode: 0x9ED)
            .File("home/file", "content", owner: 1234)
            .HardLink("home/again", "home/file")
            .Link("escape", "/etc/passwd")
            .File("etc/passwd", "web:x:1000:1001::/:/bin/sh\n");
        var archive = new OciArchive(
            new JsonObject { ["User"] = "web", ["Cmd"] = new JsonArray("serve"), ["Env"] = new JsonArray("A=b=c"), ["WorkingDir"] = "/home" },
            LayerArchive.Gzip(layer.ToArray()));

        var (disk, config) = await MakeAsync(archive.Digest, archive.ToArray());

        Assert.Equal((1000L, 1001L, "/home"), (config.UserId, config.GroupId, config.WorkingFolder));
        Assert.Equal([KeyValuePair.Create("A", "b=c")], config.Environment);
        Assert.Equal("content", await DebugfsAsync(disk, "cat /home/file"));
        Assert.Contains("Links: 2", await DebugfsAsync(disk, "stat /home/again"), StringComparison.Ordinal);
        Assert.Contains("User:  1234", await DebugfsAsync(disk, "stat /home/file"), StringComparison.Ordinal);
        Assert.Contains("Mode:  04755", await DebugfsAsync(disk, "stat /bin/tool"), StringComparison.Ordinal);
        Assert.Contains("Fast link dest: \"/etc/passwd\"", await DebugfsAsync(disk, "stat /escape"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHostileLayerWritesNothingOutside()
    {
        var victim = Directory.CreateDirectory(Path.Combine(_folder, "victim")).FullName;
        var layer = new LayerArchive()
            .Link("out", victim)
            .File("out/planted", "x")
            .Link("link", Path.Combine(victim, "through"))
            .File("link", "x")
            .Link("dir", victim)
            .Folder("dir")
            .File("dir/planted", "x");
        var archive = new OciArchive([], layer.ToArray());

        await MakeAsync(archive.Digest, archive.ToArray());

        Assert.Empty(Directory.EnumerateFileSystemEntries(victim));
    }

    [Fact]
    public async Task ABlobThatIsNotItsDigestIsRefused()
    {
        var archive = new OciArchive([], new LayerArchive().File("a", "b").ToArray());
        var damaged = archive.ToArray(blob => [.. blob, 0]);

        var error = await Assert.ThrowsAsync<InvalidImageException>(() => MakeAsync(archive.Digest, damaged));
        Assert.Contains("has the content of", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherImageThanTheOneAskedForIsRefused()
    {
        var archive = new OciArchive([], new LayerArchive().File("a", "b").ToArray());
        var other = "sha256:" + new string('0', 64);

        var error = await Assert.ThrowsAsync<InvalidImageException>(() => MakeAsync(other, archive.ToArray()));
        Assert.Contains("is not in the archive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AUserThatTheImageLacksIsRefused()
    {
        var archive = new OciArchive(new JsonObject { ["User"] = "nobody-here" }, new LayerArchive().File("a", "b").ToArray());

        await Assert.ThrowsAsync<InvalidImageException>(() => MakeAsync(archive.Digest, archive.ToArray()));
    }

    [Fact]
    public async Task BrokenCompressionIsRefused()
    {
        var compressed = LayerArchive.Gzip(new LayerArchive().File("a", new string('x', 100_000)).ToArray());
        compressed.AsSpan(compressed.Length / 2).Fill(0xFF);
        var archive = new OciArchive([], compressed);

        await Assert.ThrowsAsync<InvalidImageException>(() => MakeAsync(archive.Digest, archive.ToArray()));
    }

    private async Task<(string Disk, ImageConfig Config)> MakeAsync(string digest, byte[] archive)
    {
        var staging = Directory.CreateDirectory(Path.Combine(_folder, "staging")).FullName;
        using var stream = new MemoryStream(archive);
        return await _import.MakeDiskAsync(digest, stream, staging, default);
    }

    private static async Task<string> DebugfsAsync(string disk, string command)
    {
        var result = await HostCommand.RunAsync("debugfs", ["-R", command, disk], TimeSpan.FromSeconds(10), default);
        Assert.True(result.Succeeded, result.Output);
        return result.Output.Split("debugfs 1.")[0];
    }
}
