using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class AdminTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orc-admin-").FullName;

    private string BackupPath => Path.Combine(_folder, "cluster.orc");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_backup_is_written_for_its_owner_and_restored_as_it_is()
    {
        await using var server = await FakeServer.StartAsync();
        server.Admin.Content = Enumerable.Range(0, 600_000).Select(i => (byte)(i * 7)).ToArray();
        var orc = new Orc(server.Address);
        var written = await orc.RunAsync("admin", "backup", BackupPath);
        Assert.Equal((0, ""), (written.ExitCode, written.Error));
        Assert.Equal(server.Admin.Content, await File.ReadAllBytesAsync(BackupPath, TestContext.Current.CancellationToken));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(BackupPath));

        var before = server.Admin.Content;
        server.Admin.Content = [];
        var restored = await orc.RunAsync("admin", "restore", BackupPath, "--yes");
        Assert.Equal(before, server.Admin.Content);
        Assert.Equal("restored as of revision 7: 1 created, 2 updated, 3 deleted; the cluster is at revision 20\n", restored.Out);
    }

    [Fact]
    public async Task A_backup_that_breaks_off_leaves_the_one_before_and_nothing_else()
    {
        await using var server = await FakeServer.StartAsync();
        await File.WriteAllTextAsync(BackupPath, "last night's", TestContext.Current.CancellationToken);
        (server.Admin.Content, server.Admin.BreaksOff) = ([1, 2, 3, 4], true);
        var failed = await new Orc(server.Address).RunAsync("admin", "backup", BackupPath);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("broken off", failed.Error);
        Assert.Equal([BackupPath], Directory.GetFiles(_folder));
        Assert.Equal("last night's", await File.ReadAllTextAsync(BackupPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_restore_wants_to_be_meant()
    {
        await using var server = await FakeServer.StartAsync();
        await File.WriteAllTextAsync(BackupPath, "x", TestContext.Current.CancellationToken);
        var refused = await new Orc(server.Address).RunAsync("admin", "restore", BackupPath);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--yes", refused.Error);
        Assert.Empty(server.Admin.Content);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said()
    {
        await using var server = await FakeServer.StartAsync();
        var failed = await new Orc(server.Address).RunAsync("admin", "restore", BackupPath, "--yes");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains(BackupPath, failed.Error);
    }
}
