using Microsoft.Data.Sqlite;

namespace Orchestrator.Silo.Store.Sqlite;

/// <summary>The tables of the revision log, how a file becomes one, and how a file of any version before comes to them.</summary>
internal static class SqliteSchema
{
    /// <summary>"orch" in ASCII: marks the file as ours (SQLite's <c>application_id</c>).</summary>
    private const int ApplicationId = 0x6F726368;

    /// <summary>What leads from each version to the next; the first step from nothing to 1. Each is one transaction with its new version.</summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, op INTEGER NOT NULL, previous INTEGER NOT NULL, value BLOB);
        CREATE TABLE current (key TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE request (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, key TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX request_revision ON request (revision);
        CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, revision INTEGER NOT NULL, compacted INTEGER NOT NULL);
        INSERT INTO meta VALUES (1, 0, 0, 0);
        """,
        """
        ALTER TABLE log ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
        UPDATE log SET checksum = record_checksum(revision, key, op, previous, value);
        ALTER TABLE meta ADD COLUMN objects INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meta ADD COLUMN identity INTEGER NOT NULL DEFAULT 0;
        UPDATE meta SET objects = (SELECT COUNT(*) FROM current), identity = random();
        """,
        """
        ALTER TABLE request ADD COLUMN target TEXT NOT NULL DEFAULT '';
        ALTER TABLE request ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
        DROP INDEX request_revision;
        CREATE INDEX request_at ON request (at);
        """,
    ];

    /// <summary>Makes a new store beside its place and moves it there whole: an empty file in its place is never a store that was just begun.</summary>
    public static void CreateWhereThereIsNone(string path)
    {
        if (File.Exists(path)) return;
        var begun = path + ".new";
        File.Delete(begun);
        File.Delete(begun + "-journal");
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = begun, Pooling = false }.ToString()))
        {
            connection.Open();
            Execute(connection, $"PRAGMA synchronous = FULL; PRAGMA application_id = {ApplicationId};");
            Upgrade(connection, 0);
        }

        File.Move(begun, path);
    }

    /// <exception cref="StoreException">The file is not a store of ours, or one of a newer silo.</exception>
    public static void Prepare(SqliteConnection connection, string path)
    {
        if (Scalar(connection, "PRAGMA application_id") != ApplicationId) throw new StoreException($"'{path}' is an SQLite database, but not a store of ours.");
        var version = Scalar(connection, "PRAGMA user_version");
        if (version < 1 || version > Steps.Length)
            throw new StoreException($"The store '{path}' has schema {version}; this silo knows schemas 1 to {Steps.Length}: it was written by a newer one.");
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8192;");
        Upgrade(connection, version);
    }

    /// <summary>The definitions of all tables and indexes, as the file has them.</summary>
    public static string Definitions(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(sql, ';' ORDER BY name) FROM sqlite_master WHERE sql IS NOT NULL";
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>What they are in every whole store, whichever version it began with: each comes through the same steps.</summary>
    public static string WholeDefinitions()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Upgrade(connection, 0);
        return Definitions(connection);
    }

    public static long Scalar(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private static void Upgrade(SqliteConnection connection, long version)
    {
        if (version == Steps.Length) return;
        connection.CreateFunction("record_checksum", (long revision, string key, long operation, long previous, byte[]? value) =>
            RecordChecksum.Of(revision, key, operation, previous, value));
        for (; version < Steps.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, $"{Steps[version]} PRAGMA user_version = {version + 1};");
            transaction.Commit();
        }
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
