using Dapper;
using Npgsql;

namespace Orchestrator.Silo.Store.Postgres;

/// <summary>The tables of the revision log, in a schema of their own, and how a database comes to them from any version before.</summary>
internal static class PostgresSchema
{
    /// <summary>What leads from each version to the next; the first step from nothing to 1. Each is one transaction with its new version.</summary>
    private static readonly string[] Steps =
    [
        """
        CREATE SCHEMA orchestrator;
        CREATE TABLE orchestrator.log (
            revision bigint PRIMARY KEY, key text COLLATE "C" NOT NULL, op smallint NOT NULL, previous bigint NOT NULL, value bytea);
        CREATE TABLE orchestrator.current (key text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL);
        CREATE TABLE orchestrator.request (id text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL, key text NOT NULL);
        CREATE INDEX request_revision ON orchestrator.request (revision);
        CREATE TABLE orchestrator.meta (
            one int PRIMARY KEY CHECK (one = 1), version int NOT NULL, epoch bigint NOT NULL, revision bigint NOT NULL, compacted bigint NOT NULL);
        INSERT INTO orchestrator.meta VALUES (1, 1, 0, 0, 0);
        """,
        """
        ALTER TABLE orchestrator.request ADD COLUMN target text NOT NULL DEFAULT '', ADD COLUMN at bigint NOT NULL DEFAULT 0;
        DROP INDEX orchestrator.request_revision;
        CREATE INDEX request_at ON orchestrator.request (at);
        """,
    ];

    /// <exception cref="StoreException">The schema is somebody else's, from a newer silo, or has lost records.</exception>
    public static void Prepare(NpgsqlConnection connection)
    {
        var version = VersionOf(connection);
        if (version > Steps.Length)
            throw new StoreException($"The store ({PostgresConnection.Describe(connection)}) has schema {version}; this silo knows schemas up to {Steps.Length}: it was written by a newer one.");
        for (; version < Steps.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(Steps[version], transaction: transaction);
            connection.Execute("UPDATE orchestrator.meta SET version = @next", new { next = version + 1 }, transaction);
            transaction.Commit();
        }

        Check(connection);
    }

    private static int VersionOf(NpgsqlConnection connection)
    {
        if (!connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'orchestrator')")) return 0;
        return connection.ExecuteScalar<bool>("SELECT to_regclass('orchestrator.meta') IS NOT NULL")
            ? connection.ExecuteScalar<int>("SELECT version FROM orchestrator.meta")
            : throw new StoreException($"The database ({PostgresConnection.Describe(connection)}) has a schema \"orchestrator\" that is not a store of ours.");
    }

    /// <summary>A restored or half-copied database shows in its numbers: revisions are consecutive, and what is current is in the log.</summary>
    private static void Check(NpgsqlConnection connection)
    {
        var (last, compacted, written, history, dangling) = connection.QuerySingle<(long, long, long, long, long)>("""
            SELECT revision, compacted, COALESCE((SELECT max(revision) FROM orchestrator.log), 0),
                (SELECT count(*) FROM orchestrator.log l WHERE l.revision > m.compacted),
                (SELECT count(*) FROM orchestrator.current c LEFT JOIN orchestrator.log l ON l.revision = c.revision AND l.key = c.key WHERE l.revision IS NULL)
            FROM orchestrator.meta m
            """, commandTimeout: 0);
        var problem = written > last ? $"its log ends at revision {written}, its head says {last}"
            : history != last - compacted ? $"its history after revision {compacted} has {history} records up to revision {last}"
            : dangling > 0 ? $"{dangling} objects have lost their newest version"
            : null;
        if (problem is not null) throw new StoreException($"The store ({PostgresConnection.Describe(connection)}) is damaged: {problem}.");
    }
}
