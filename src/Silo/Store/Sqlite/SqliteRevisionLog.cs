using Microsoft.Data.Sqlite;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Sqlite;

/// <summary>
/// The revision log in one SQLite file, in WAL mode with <c>synchronous=FULL</c>: a commit is on the disk before it is acknowledged.
/// </summary>
internal sealed class SqliteRevisionLog : IRevisionLog
{
    private const int SqliteFull = 13;
    private const int SqliteConstraint = 19;
    private const int SqliteSharedMemorySize = 10 | (19 << 8);

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly HeadMark _mark;
    private readonly SqliteConnection _connection;
    private readonly AppendCommands _append;
    private long _epoch;
    private long _identity;

    /// <exception cref="StoreException">Another process has the file open, it is not a revision log of ours, or it is damaged.</exception>
    public SqliteRevisionLog(string path)
    {
        _path = path;
        _lock = TakeLock(path + ".lock");
        _mark = new HeadMark(path + ".head");
        try
        {
            SqliteDamage.RefuseNoDatabase(path, _mark);
            SqliteSchema.CreateWhereThereIsNone(path);
            _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            _connection.Open();
            SqliteSchema.Prepare(_connection, path);
            SqliteDamage.Check(_connection, path, _mark);
            _append = new AppendCommands(_connection);
        }
        catch (Exception failure)
        {
            _connection?.Dispose();
            _mark.Dispose();
            _lock.Dispose();
            if (failure is SqliteException broken) throw Unusable(broken);
            if (failure is InvalidCastException) throw new StoreException($"The store '{path}' is damaged: its head has values of other types.", failure);
            throw;
        }
    }

    public LogState Open()
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "UPDATE meta SET epoch = epoch + 1 RETURNING epoch, revision, compacted, identity";
            using var row = command.ExecuteReader();
            row.Read();
            (_epoch, _identity) = (row.GetInt64(0), row.GetInt64(3));
            var state = new LogState(_epoch, new Revision(row.GetInt64(1)), new Revision(row.GetInt64(2)));
            _mark.Write(_identity, state.Last);
            return state;
        }
        catch (SqliteException broken)
        {
            throw Unusable(broken);
        }
        catch (InvalidCastException broken)
        {
            throw new StoreException($"The store '{_path}' is damaged: its head has values of other types.", broken);
        }
    }

    public AppendOutcome Append(IReadOnlyList<LogRecord> records, IReadOnlyList<AcknowledgedRequest> requests)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        try
        {
            foreach (var record in records) _append.Insert(record, transaction);
            foreach (var request in requests) _append.Remember(request, transaction);
            if (!_append.Advance(records, _epoch, transaction))
            {
                transaction.Rollback();
                return AppendOutcome.Fenced;
            }

            transaction.Commit();
            _mark.Write(_identity, records[^1].Revision);
            return AppendOutcome.Committed;
        }
        catch (SqliteException full) when (NoRoom(full))
        {
            return AppendOutcome.Full;
        }
        catch (SqliteException taken) when (taken.SqliteErrorCode == SqliteConstraint)
        {
            return AppendOutcome.Fenced;
        }
    }

    public IEnumerable<LogRecord> ReadCurrent() => Read(
        "SELECT l.revision, l.key, l.op, l.previous, l.value, l.checksum FROM current c JOIN log l ON l.revision = c.revision ORDER BY l.revision", 0);

    public IEnumerable<LogRecord> ReadAfter(Revision after) => Read(
        "SELECT revision, key, op, previous, value, checksum FROM log WHERE revision > $after ORDER BY revision", after.Value);

    public AcknowledgedRequest? FindRequest(string id)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT target, at, revision, key FROM request WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        using var row = command.ExecuteReader();
        return !row.Read() ? null : new AcknowledgedRequest(
            id, row.GetString(0), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(1)), new Revision(row.GetInt64(2)), ObjectKey.Parse(row.GetString(3)));
    }

    public bool Compact(Revision upTo, DateTimeOffset requestsBefore)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        // Each record past the old mark supersedes its previous version; a delete's own record supersedes itself.
        command.CommandText = """
            DELETE FROM log WHERE revision IN (
                SELECT previous FROM log WHERE revision > (SELECT compacted FROM meta) AND revision <= $upTo AND previous > 0);
            DELETE FROM log WHERE revision > (SELECT compacted FROM meta) AND revision <= $upTo AND op = 3;
            DELETE FROM request WHERE at < $requestsBefore;
            UPDATE meta SET compacted = MAX(compacted, $upTo) WHERE epoch = $epoch;
            """;
        command.Parameters.AddWithValue("$upTo", upTo.Value);
        command.Parameters.AddWithValue("$requestsBefore", requestsBefore.ToUnixTimeSeconds());
        command.Parameters.AddWithValue("$epoch", _epoch);
        try
        {
            command.ExecuteNonQuery();
            transaction.Commit();
            return true;
        }
        catch (SqliteException full) when (NoRoom(full))
        {
            return false;
        }
    }

    public void Dispose()
    {
        _append.Dispose();
        _connection.Dispose();
        _mark.Dispose();
        _lock.Dispose();
    }

    private static bool NoRoom(SqliteException failure) =>
        failure.SqliteErrorCode == SqliteFull || failure.SqliteExtendedErrorCode == SqliteSharedMemorySize;

    private StoreException Unusable(SqliteException broken) =>
        new(NoRoom(broken)
            ? $"The store '{_path}' can't be opened: there is no room on its disk; free some."
            : $"The store '{_path}' can't be opened: {broken.Message}", broken);

    private static FileStream TakeLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new StoreException($"The store is in use by another process ('{path}' is locked).", taken);
        }
    }

    private IEnumerable<LogRecord> Read(string query, long after)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = query;
        command.Parameters.AddWithValue("$after", after);
        using var row = command.ExecuteReader();
        while (Next(row) is { } record) yield return record;
    }

    private LogRecord? Next(SqliteDataReader row)
    {
        try
        {
            if (!row.Read()) return null;
            var value = row.IsDBNull(4) ? [] : (byte[])row.GetValue(4);
            var checksum = RecordChecksum.Of(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), value);
            if (checksum != row.GetInt64(5))
                throw new StoreException($"The store '{_path}' is damaged: revision {row.GetInt64(0)} is not what was written.");
            return new LogRecord(new Revision(row.GetInt64(0)), ObjectKey.Parse(row.GetString(1)), (WriteOperation)row.GetInt32(2), new Revision(row.GetInt64(3)), value);
        }
        catch (SqliteException broken)
        {
            throw Unusable(broken);
        }
        catch (Exception broken) when (broken is InvalidCastException or FormatException)
        {
            // SQLite gives each value the type that stands before it in the file, whatever the table says.
            throw new StoreException($"The store '{_path}' is damaged: a record has values of other types.", broken);
        }
    }
}
