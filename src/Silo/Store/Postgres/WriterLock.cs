using Dapper;
using Npgsql;

namespace Orchestrator.Silo.Store.Postgres;

/// <summary>
/// One writer a database, as far as a lock can promise it: an advisory lock of the session, which the server gives up with the
/// connection. It spares two silos from fencing each other in turns; what keeps the log whole is the fence in each statement.
/// </summary>
internal static class WriterLock
{
    /// <summary>"orch" in ASCII, and the writer.</summary>
    private const int Owner = 0x6F726368;
    private const int Writer = 1;

    /// <summary>The server lets a killed silo's lock go in its own time.</summary>
    private const int WaitMilliseconds = 2000;
    private const string TimedOut = "55P03";

    /// <exception cref="StoreException">Another session has it; the message says which.</exception>
    public static void Take(NpgsqlConnection connection)
    {
        try
        {
            connection.Execute($"SET lock_timeout = {WaitMilliseconds}; SELECT pg_advisory_lock({Owner}, {Writer}); SET lock_timeout = 0");
        }
        catch (PostgresException taken) when (taken.SqlState == TimedOut)
        {
            throw Taken(connection);
        }
    }

    private static StoreException Taken(NpgsqlConnection connection)
    {
        var holder = connection.QueryFirstOrDefault<string>("""
            SELECT format('%s, process %s, since %s', a.application_name, a.pid, date_trunc('second', a.backend_start))
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = @Owner AND l.objid::bigint = @Writer
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, new { Owner = (long)Owner, Writer = (long)Writer });
        return new StoreException($"The store is in use by another silo ({PostgresConnection.Describe(connection)}: {holder ?? "it has just let go; start again"}).");
    }
}
