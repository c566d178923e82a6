using Microsoft.Data.Sqlite;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Memory;
using Orchestrator.Silo.Store.Sqlite;

namespace Orchestrator.Silo.Tests.Store;

public sealed class MemoryRevisionLogTests : RevisionLogConformance
{
    private readonly MemoryRevisionLog.Disk _disk = new();

    public override void Dispose()
    {
    }

    internal override IRevisionLog Reopen() => new MemoryRevisionLog(_disk);

    internal override void TakeOver() => new MemoryRevisionLog(_disk).Open();
}

public sealed class SqliteRevisionLogTests : RevisionLogConformance
{
    private readonly TemporaryFolder _folder = new();

    private string StorePath => Path.Combine(_folder.Path, "store.db");

    public override void Dispose() => _folder.Dispose();

    internal override IRevisionLog Reopen() => new SqliteRevisionLog(StorePath);

    internal override void TakeOver() => Execute("UPDATE meta SET epoch = epoch + 1");

    [Fact]
    public void Two_silos_never_open_the_same_store()
    {
        using var first = Reopen();
        var refused = Assert.Throws<StoreException>(Reopen);
        Assert.Contains("in use", refused.Message);
    }

    [Fact]
    public void A_file_that_is_no_store_is_named_and_left_alone()
    {
        File.WriteAllText(StorePath, "this is not a database, but it is long enough to look like a file with a header of one");
        var refused = Assert.Throws<StoreException>(Reopen);
        Assert.Contains(StorePath, refused.Message);
        Assert.StartsWith("this is not", File.ReadAllText(StorePath));
    }

    [Fact]
    public void A_database_of_somebody_else_is_refused()
    {
        Execute("CREATE TABLE theirs (x)");
        Assert.Contains("not a store of ours", Assert.Throws<StoreException>(Reopen).Message);
    }

    [Fact]
    public void A_log_that_has_lost_its_newest_version_is_refused()
    {
        using (var log = Reopen())
        {
            log.Open();
            log.Append([new LogRecord(new(1), new(new("", "pods"), "default", "a"), WriteOperation.Create, default, new byte[] { 1 })], []);
        }

        Execute("DELETE FROM log");
        Assert.Contains("damaged", Assert.Throws<StoreException>(Reopen).Message);
    }

    private void Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={StorePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
