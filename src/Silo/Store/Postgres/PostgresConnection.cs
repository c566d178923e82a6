using Dapper;
using Npgsql;

namespace Orchestrator.Silo.Store.Postgres;

/// <summary>The one connection of a writer: never pooled, for its end must be the end of the writer's lock.</summary>
internal static class PostgresConnection
{
    /// <summary>How soon the server notices that a writer's host is gone, and gives its lock to another.</summary>
    private const int SilentSeconds = 10;
    private const int ProbeSeconds = 5;
    private const int Probes = 3;

    private const int PreparedStatements = 16;

    /// <exception cref="StoreException">The text is no connection string.</exception>
    public static NpgsqlConnection Create(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false,
                Multiplexing = false,
                Enlist = false,
                MaxAutoPrepare = PreparedStatements,
                ApplicationName = $"orchestrator-silo on {Environment.MachineName}",
            };
            return new NpgsqlConnection(settings.ToString());
        }
        catch (ArgumentException wrong)
        {
            throw new StoreException($"--store-connection: not a connection string of PostgreSQL (\"Host=…;Database=…;Username=…\"): {wrong.Message}", wrong);
        }
    }

    public static void Open(NpgsqlConnection connection)
    {
        connection.Open();
        // What the server does by default is its owner's choice; that an acknowledged write is on its disk is ours.
        connection.Execute($"""
            SET synchronous_commit = on;
            SET tcp_keepalives_idle = {SilentSeconds};
            SET tcp_keepalives_interval = {ProbeSeconds};
            SET tcp_keepalives_count = {Probes};
            """);
        if (connection.ExecuteScalar<string>("SHOW fsync") == "off")
            throw new StoreException($"The PostgreSQL server ({Describe(connection)}) runs with fsync = off: it would lose what we acknowledge. Turn it on.");
    }

    /// <summary>Where the store is, without how to get in.</summary>
    public static string Describe(NpgsqlConnection connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection.ConnectionString);
        return $"{settings.Host}, database \"{settings.Database ?? settings.Username}\"";
    }
}
