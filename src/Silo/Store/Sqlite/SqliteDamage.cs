using Microsoft.Data.Sqlite;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Sqlite;

/// <summary>
/// What a damaged file shows when it is opened. SQLite checks its trees; the rest follows from what the log promises: consecutive revisions, a
/// newest version for each object, as many objects as were counted, nothing acknowledged that isn't there.
/// </summary>
internal static class SqliteDamage
{
    /// <exception cref="StoreException">There is a file, and it is no database.</exception>
    public static void RefuseNoDatabase(string path, HeadMark mark)
    {
        if (!File.Exists(path))
        {
            if (mark.Read() is { Last.Value: > 0 } lost)
                throw new StoreException($"The store '{path}' is gone: it ended at revision {lost.Last}. Put it back or restore a backup; to begin a new one, remove '{mark.Path}'.");
        }
        else if (new FileInfo(path).Length == 0)
        {
            throw new StoreException($"The store '{path}' is damaged: the file is empty. Put it back or restore a backup; to begin a new one, remove it and '{mark.Path}'.");
        }
    }

    /// <exception cref="StoreException">The file is damaged; the message says how.</exception>
    public static void Check(SqliteConnection connection, string path, HeadMark mark)
    {
        if (Describe(connection, mark) is { } problem) throw new StoreException($"The store '{path}' is damaged: {problem}.");
    }

    private static string? Describe(SqliteConnection connection, HeadMark mark)
    {
        if (QuickCheck(connection) is { } broken) return broken;
        if (SqliteSchema.Definitions(connection) != SqliteSchema.WholeDefinitions()) return "its tables are not what they were made as";
        var last = SqliteSchema.Scalar(connection, "SELECT revision FROM meta");
        var compacted = SqliteSchema.Scalar(connection, "SELECT compacted FROM meta");
        var written = SqliteSchema.Scalar(connection, "SELECT COALESCE(MAX(revision), 0) FROM log");
        if (written > last) return $"its log ends at revision {written}, its head says {last}";
        var history = SqliteSchema.Scalar(connection, "SELECT COUNT(*) FROM log WHERE revision > (SELECT compacted FROM meta)");
        if (history != last - compacted) return $"its history after revision {compacted} has {history} records up to revision {last}";
        var dangling = SqliteSchema.Scalar(
            connection, "SELECT COUNT(*) FROM current c LEFT JOIN log l ON l.revision = c.revision AND l.key = c.key AND l.op <> 3 WHERE l.revision IS NULL");
        if (dangling > 0) return $"{dangling} objects have lost their newest version";
        var (objects, counted) = (SqliteSchema.Scalar(connection, "SELECT objects FROM meta"), SqliteSchema.Scalar(connection, "SELECT COUNT(*) FROM current"));
        if (objects != counted) return $"it has {counted} objects, its head says {objects}";
        return mark.Read() is { } witness && witness.Identity == SqliteSchema.Scalar(connection, "SELECT identity FROM meta") && witness.Last > new Revision(last)
            ? $"it ends at revision {last}, but {witness.Last} was acknowledged, so its write-ahead log is damaged or gone; restore a backup, or remove '{mark.Path}' to go on without the last writes"
            : null;
    }

    private static string? QuickCheck(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        return (string?)command.ExecuteScalar() is { } answer && answer != "ok" ? answer.ReplaceLineEndings(" ") : null;
    }
}
