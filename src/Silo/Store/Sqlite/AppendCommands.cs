using Microsoft.Data.Sqlite;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Sqlite;

/// <summary>The statements of an append, prepared once: they run for every write of the cluster.</summary>
internal sealed class AppendCommands : IDisposable
{
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _point;
    private readonly SqliteCommand _unpoint;
    private readonly SqliteCommand _remember;
    private readonly SqliteCommand _advance;

    public AppendCommands(SqliteConnection connection)
    {
        _insert = Prepare(
            connection, "INSERT INTO log (revision, key, op, previous, value, checksum) VALUES ($revision, $key, $op, $previous, $value, $checksum)",
            "$revision", "$key", "$op", "$previous", "$value", "$checksum");
        _point = Prepare(connection, "INSERT OR REPLACE INTO current (key, revision) VALUES ($key, $revision)", "$key", "$revision");
        _unpoint = Prepare(connection, "DELETE FROM current WHERE key = $key", "$key");
        _remember = Prepare(
            connection, "INSERT OR IGNORE INTO request (id, target, at, revision, key) VALUES ($id, $target, $at, $revision, $key)",
            "$id", "$target", "$at", "$revision", "$key");
        _advance = Prepare(
            connection, "UPDATE meta SET revision = $last, objects = objects + $more WHERE epoch = $epoch AND revision = $before",
            "$last", "$more", "$epoch", "$before");
    }

    public void Insert(in LogRecord record, SqliteTransaction transaction)
    {
        var key = record.Key.ToString();
        var deleted = record.Operation == WriteOperation.Delete;
        Run(
            _insert, transaction, record.Revision.Value, key, (int)record.Operation, record.Previous.Value,
            (object?)record.StoredValue ?? DBNull.Value, RecordChecksum.Of(record));
        if (deleted) Run(_unpoint, transaction, key);
        else Run(_point, transaction, key, record.Revision.Value);
    }

    public void Remember(AcknowledgedRequest request, SqliteTransaction transaction) =>
        Run(_remember, transaction, request.Id, request.Target, request.At.ToUnixTimeSeconds(), request.Revision.Value, request.Key.ToString());

    /// <summary>The fence: true only if this writer's epoch and the log's last revision are still what it believes.</summary>
    public bool Advance(IReadOnlyList<LogRecord> records, long epoch, SqliteTransaction transaction)
    {
        var more = records.Sum(record => record.Operation switch { WriteOperation.Create => 1L, WriteOperation.Delete => -1L, _ => 0L });
        return Run(_advance, transaction, records[^1].Revision.Value, more, epoch, records[0].Revision.Value - 1) == 1;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _point.Dispose();
        _unpoint.Dispose();
        _remember.Dispose();
        _advance.Dispose();
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string text, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static int Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteNonQuery();
    }
}
