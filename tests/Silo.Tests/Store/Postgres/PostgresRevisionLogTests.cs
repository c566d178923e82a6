using Npgsql;
using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Postgres;

namespace Orchestrator.Silo.Tests.Store.Postgres;

[Collection(PostgresServer.Collection)]
public sealed class PostgresRevisionLogTests : RevisionLogConformance
{
    private readonly PostgresServer _server;

    public PostgresRevisionLogTests(PostgresServer server)
    {
        _server = server;
        _server.Clear();
    }

    public override void Dispose()
    {
    }

    internal override IRevisionLog Reopen() => new PostgresRevisionLog(_server.ConnectionString);

    internal override void TakeOver() => _server.Execute("UPDATE orchestrator.meta SET epoch = epoch + 1");

    [Fact]
    public void Of_two_silos_one_writes_and_the_other_is_told_who_does()
    {
        using var first = Reopen();
        var refused = Assert.Throws<StoreException>(Reopen);
        Assert.Contains("in use by another silo", refused.Message);
        Assert.Contains($"orchestrator-silo on {Environment.MachineName}, process ", refused.Message);
    }

    [Fact]
    public void A_writer_that_lost_its_connection_writes_no_more_and_its_successor_does()
    {
        using var lost = Reopen();
        lost.Open();
        lost.Append([Record(1)], []);
        _server.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'orchestrator-silo on %'");
        using var successor = Eventually(Reopen);
        Assert.Equal(new Revision(1), successor.Open().Last);
        Assert.ThrowsAny<NpgsqlException>(() => lost.Append([Record(2)], []));
        Assert.Equal(AppendOutcome.Committed, successor.Append([Record(2)], []));
    }

    [Fact]
    public void A_schema_of_a_newer_silo_is_refused_and_left_alone()
    {
        using (Reopen())
        {
        }

        _server.Execute("UPDATE orchestrator.meta SET version = 99");
        Assert.Contains("has schema 99", Assert.Throws<StoreException>(Reopen).Message);
        Assert.Equal(99, _server.Execute("SELECT version FROM orchestrator.meta"));
    }

    [Fact]
    public void A_schema_of_somebody_else_is_refused()
    {
        _server.Execute("CREATE SCHEMA orchestrator; CREATE TABLE orchestrator.theirs (x int)");
        Assert.Contains("not a store of ours", Assert.Throws<StoreException>(Reopen).Message);
    }

    [Theory]
    [InlineData("DELETE FROM orchestrator.log WHERE revision = 2", "history")]
    [InlineData("UPDATE orchestrator.meta SET revision = 1", "head says 1")]
    [InlineData("UPDATE orchestrator.current SET key = key || 'x'", "lost their newest version")]
    public void A_database_that_has_lost_records_is_refused(string damage, string said)
    {
        using (var log = Reopen())
        {
            log.Open();
            log.Append([Record(1), Record(2), Record(3)], []);
        }

        _server.Execute(damage);
        Assert.Contains(said, Assert.Throws<StoreException>(Reopen).Message);
    }

    [Theory]
    [InlineData("Host=/nonexistent;Username=orchestrator", "can't be opened")]
    [InlineData("nonsense", "--store-connection")]
    public void A_server_that_is_not_there_is_said_in_one_line(string connection, string said)
    {
        var refused = Assert.Throws<StoreException>(() => new PostgresRevisionLog(connection));
        Assert.Contains(said, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_database_that_does_not_exist_is_named()
    {
        var connection = _server.ConnectionString.Replace("Database=postgres", "Database=nowhere", StringComparison.Ordinal);
        Assert.Contains("\"nowhere\"", Assert.Throws<StoreException>(() => new PostgresRevisionLog(connection)).Message);
    }

    [Fact]
    public void A_server_that_would_lose_acknowledged_writes_is_refused()
    {
        _server.Execute("ALTER SYSTEM SET fsync = off");
        _server.Execute("SELECT pg_reload_conf()");
        try
        {
            Assert.Contains("fsync = off", Eventually(() => Assert.Throws<StoreException>(Reopen)).Message);
        }
        finally
        {
            _server.Execute("ALTER SYSTEM RESET fsync");
            _server.Execute("SELECT pg_reload_conf()");
            Eventually(Reopen).Dispose();
        }
    }

    private static LogRecord Record(long revision) => new(
        new Revision(revision), new ObjectKey(new("", "pods"), "default", $"p{revision}"), WriteOperation.Create, Revision.None, new byte[] { 1, 2, 3 });

    /// <summary>The server ends sessions and reads its settings in its own time; each try asks it anew.</summary>
    private static T Eventually<T>(Func<T> open)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return open();
            }
            catch (Exception early) when (early is StoreException or Xunit.Sdk.XunitException && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
            {
                // Not yet.
            }
        }
    }
}
