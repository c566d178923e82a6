using CsCheck;
using Microsoft.Data.Sqlite;
using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Sqlite;

namespace Orchestrator.Silo.Tests.Store;

/// <summary>Whatever happens to the files of a store: it is read as it was, or refused by name, and never read as less.</summary>
public sealed class SqliteDamageTests(ITestOutputHelper output) : IDisposable
{
    private const int Objects = 300;
    private const int Revisions = 500;

    private readonly TemporaryFolder _folder = new();

    private string StorePath => Path.Combine(_folder.Path, "store.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_flipped_byte_anywhere_is_seen_or_harmless()
    {
        Fill();
        var (whole, content) = (File.ReadAllBytes(StorePath), Read());
        var (seen, harmless) = (0, 0);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[1, 255]).Holds((at, change) =>
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= (byte)change;
            if (IsRefusedOrReads(damaged, content)) seen++;
            else harmless++;
        }, iter: 150, threads: 1);
        output.WriteLine($"{seen} damaged files were refused, {harmless} read as they were; {whole.Length} bytes");
        Assert.True(seen > harmless / 4, "most bytes of the file mean something");
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        Fill();
        var (whole, content) = (File.ReadAllBytes(StorePath), Read());
        foreach (var length in new[] { 0, 1, 99, 100, 512, 4095, 4096, 8192, whole.Length / 2, whole.Length - 4096, whole.Length - 1 })
            Assert.True(IsRefusedOrReads(whole[..length], content), $"a file of {length} bytes was read");
    }

    [Fact]
    public void A_write_ahead_log_that_is_cut_or_gone_is_missed()
    {
        Fill();
        CopyWhileOpen(out var database, out var ahead);
        foreach (var left in new[] { ahead.Length / 2, ahead.Length - 1, 32, 0 })
        {
            File.WriteAllBytes(StorePath, database);
            File.Delete(StorePath + "-shm");
            File.WriteAllBytes(StorePath + "-wal", ahead[..left]);
            var refused = Assert.Throws<StoreException>(Open);
            Assert.Contains(StorePath, refused.Message);
            Assert.Contains("was acknowledged", refused.Message);
        }
    }

    [Fact]
    public void A_store_that_is_gone_or_empty_is_not_begun_anew()
    {
        Fill();
        File.Delete(StorePath);
        Assert.Contains("is gone", Assert.Throws<StoreException>(Open).Message);
        File.WriteAllBytes(StorePath, []);
        Assert.Contains("the file is empty", Assert.Throws<StoreException>(Open).Message);
        File.Delete(StorePath);
        File.Delete(StorePath + ".head");
        using var anew = Open();
        Assert.Equal(Revision.None, anew.Open().Last);
    }

    [Fact]
    public void A_store_of_a_newer_silo_is_refused_and_left_alone()
    {
        Fill();
        Execute("PRAGMA user_version = 99");
        Assert.Contains("has schema 99", Assert.Throws<StoreException>(Open).Message);
        Execute("PRAGMA user_version = 3");
        Open().Dispose();
    }

    [Theory]
    [InlineData("DELETE FROM current WHERE key = (SELECT MIN(key) FROM current)", "299 objects, its head says 300")]
    [InlineData("UPDATE meta SET revision = revision + 1", "history")]
    [InlineData("UPDATE log SET value = x'00' WHERE revision = (SELECT MAX(revision) FROM log)", "is not what was written")]
    [InlineData("UPDATE current SET key = key || 'x'", "lost their newest version")]
    [InlineData("DROP TABLE request", "not what they were made as")]
    public void What_was_changed_behind_our_back_is_seen(string damage, string said)
    {
        Fill();
        Execute(damage);
        Assert.Contains(said, Assert.Throws<StoreException>(Read).Message);
    }

    /// <summary>The tables as version 0.1 made them, without checksums and counts, and requests without what they are about.</summary>
    [Fact]
    public void A_store_of_schema_1_upgrades_itself_and_keeps_everything()
    {
        Fill();
        var content = Read();
        Execute("""
            ALTER TABLE log DROP COLUMN checksum; ALTER TABLE meta DROP COLUMN objects; ALTER TABLE meta DROP COLUMN identity;
            DROP INDEX request_at; ALTER TABLE request DROP COLUMN target; ALTER TABLE request DROP COLUMN at; CREATE INDEX request_revision ON request (revision);
            PRAGMA user_version = 1;
            """);
        File.Delete(StorePath + ".head");
        Assert.Equal(content, Read());
        Execute("UPDATE log SET value = x'00' WHERE revision = (SELECT MAX(revision) FROM log)");
        Assert.Throws<StoreException>(Read);
    }

    private SqliteRevisionLog Open() => new(StorePath);

    /// <summary>Creates, updates and deletes, compacted once, as a silo would leave them.</summary>
    private void Fill()
    {
        using var log = Open();
        log.Open();
        var versions = new Dictionary<int, Revision>();
        for (var revision = 1; revision <= Revisions; revision++)
        {
            var number = revision % Objects;
            var previous = versions.GetValueOrDefault(number);
            versions[number] = new Revision(revision);
            var operation = previous == Revision.None ? WriteOperation.Create : WriteOperation.Update;
            log.Append([new LogRecord(versions[number], new ObjectKey(new("", "pods"), "default", $"p{number}"), operation, previous, Value(revision))],
                [new AcknowledgedRequest($"r{revision}", "", DateTimeOffset.FromUnixTimeSeconds(revision), versions[number], new ObjectKey(new("", "pods"), "default", $"p{number}"))]);
        }

        log.Compact(new Revision(Revisions / 2), DateTimeOffset.FromUnixTimeSeconds(Revisions / 2));
    }

    private static byte[] Value(int revision) => Enumerable.Range(0, 40 + revision).Select(i => (byte)(i * revision)).ToArray();

    private List<string> Read()
    {
        using var log = Open();
        var state = log.Open();
        return [$"{state.Last} {state.Compacted}", .. log.ReadCurrent().Concat(log.ReadAfter(state.Compacted)).Select(record =>
            $"{record.Revision} {record.Key} {record.Operation} {record.Previous} {Convert.ToHexString(record.Value.Span)}")];
    }

    /// <summary>True if the file is refused; false if it reads as it was; anything else fails.</summary>
    private bool IsRefusedOrReads(byte[] file, List<string> content)
    {
        File.WriteAllBytes(StorePath, file);
        File.Delete(StorePath + "-wal");
        File.Delete(StorePath + "-shm");
        try
        {
            Assert.Equal(content, Read());
            return false;
        }
        catch (StoreException refused)
        {
            Assert.Contains(StorePath, refused.Message);
            return true;
        }
    }

    /// <summary>The files as a killed silo leaves them, with writes that are in the write-ahead log only.</summary>
    private void CopyWhileOpen(out byte[] database, out byte[] ahead)
    {
        using var log = Open();
        var last = log.Open().Last;
        for (var more = 0; more < 10; more++, last = last.Next)
            log.Append([new LogRecord(last.Next, new ObjectKey(new("", "pods"), "default", $"more{more}"), WriteOperation.Create, Revision.None, Value(more))], []);
        (database, ahead) = (ReadShared(StorePath), ReadShared(StorePath + "-wal"));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
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
