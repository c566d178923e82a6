using Dapper;
using Npgsql;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Postgres;

/// <summary>
/// The revision log in a PostgreSQL database, over the one connection that holds the writer's lock. Each batch is one statement, whose
/// first part is the fence: a writer that lost its connection, or its epoch, writes nothing.
/// </summary>
internal sealed class PostgresRevisionLog : IRevisionLog
{
    private const string DiskFull = "53100";

    private readonly NpgsqlConnection _connection;
    private readonly Dictionary<string, AcknowledgedRequest> _requests = new(StringComparer.Ordinal);
    private long _epoch;

    /// <exception cref="StoreException">The server can't be reached, another silo writes there, or the database is not one of ours.</exception>
    public PostgresRevisionLog(string connectionString)
    {
        _connection = PostgresConnection.Create(connectionString);
        try
        {
            PostgresConnection.Open(_connection);
            WriterLock.Take(_connection);
            PostgresSchema.Prepare(_connection);
        }
        catch (Exception failure)
        {
            _connection.Dispose();
            if (failure is NpgsqlException broken)
                throw new StoreException($"The store in PostgreSQL ({PostgresConnection.Describe(_connection)}) can't be opened: {Reason(broken)}", broken);
            throw;
        }
    }

    public LogState Open()
    {
        var state = _connection.QuerySingle<(long Epoch, long Last, long Compacted)>(
            "UPDATE orchestrator.meta SET epoch = epoch + 1 RETURNING epoch, revision, compacted");
        _epoch = state.Epoch;
        _requests.Clear();
        foreach (var (id, target, at, revision, key) in
            _connection.Query<(string, string, long, long, string)>("SELECT id, target, at, revision, key FROM orchestrator.request"))
        {
            _requests.Add(id, new AcknowledgedRequest(id, target, DateTimeOffset.FromUnixTimeSeconds(at), new Revision(revision), ObjectKey.Parse(key)));
        }

        return new LogState(state.Epoch, new Revision(state.Last), new Revision(state.Compacted));
    }

    public AppendOutcome Append(IReadOnlyList<LogRecord> records, IReadOnlyList<AcknowledgedRequest> requests)
    {
        var first = requests.Where(request => !_requests.ContainsKey(request.Id)).DistinctBy(request => request.Id).ToArray();
        try
        {
            if (!_connection.ExecuteScalar<bool>(AppendStatement.Text, AppendStatement.Parameters(records, first, _epoch))) return AppendOutcome.Fenced;
        }
        catch (PostgresException full) when (full.SqlState == DiskFull)
        {
            return AppendOutcome.Full;
        }

        foreach (var request in first) _requests.Add(request.Id, request);
        return AppendOutcome.Committed;
    }

    public IEnumerable<LogRecord> ReadCurrent() => Read(
        "SELECT l.revision, l.key, l.op, l.previous, l.value FROM orchestrator.current c JOIN orchestrator.log l ON l.revision = c.revision ORDER BY l.revision", 0);

    public IEnumerable<LogRecord> ReadAfter(Revision after) => Read(
        "SELECT revision, key, op, previous, value FROM orchestrator.log WHERE revision > @after ORDER BY revision", after.Value);

    /// <summary>Answered from memory: a question to the server for each write would cost more than the write.</summary>
    public AcknowledgedRequest? FindRequest(string id) => _requests.TryGetValue(id, out var request) ? request : null;

    public bool Compact(Revision upTo, DateTimeOffset requestsBefore)
    {
        // All parts of one statement see the table as it was before it: `old` is the mark that the fence raises.
        const string Statement = """
            WITH old AS (SELECT compacted FROM orchestrator.meta),
            fence AS (UPDATE orchestrator.meta SET compacted = @upTo WHERE epoch = @epoch AND compacted < @upTo RETURNING one),
            superseded AS (DELETE FROM orchestrator.log WHERE EXISTS (SELECT FROM fence) AND revision IN (
                SELECT l.previous FROM orchestrator.log l, old WHERE l.revision > old.compacted AND l.revision <= @upTo AND l.previous > 0)),
            ended AS (DELETE FROM orchestrator.log USING old
                WHERE EXISTS (SELECT FROM fence) AND revision > old.compacted AND revision <= @upTo AND op = 3)
            DELETE FROM orchestrator.request WHERE EXISTS (SELECT FROM fence) AND at < @before
            """;
        try
        {
            _connection.Execute(Statement, new { upTo = upTo.Value, epoch = _epoch, before = requestsBefore.ToUnixTimeSeconds() });
        }
        catch (PostgresException full) when (full.SqlState == DiskFull)
        {
            return false;
        }

        foreach (var old in _requests.Values.Where(request => request.At.ToUnixTimeSeconds() < requestsBefore.ToUnixTimeSeconds()).ToArray()) _requests.Remove(old.Id);
        return true;
    }

    public void Dispose() => _connection.Dispose();

    private IEnumerable<LogRecord> Read(string query, long after)
    {
        foreach (var (revision, key, operation, previous, value) in
            _connection.Query<(long, string, short, long, byte[]?)>(query, new { after }, buffered: false, commandTimeout: 0))
        {
            yield return new LogRecord(
                new Revision(revision), ObjectKey.Parse(key), (WriteOperation)operation, new Revision(previous), value ?? ReadOnlyMemory<byte>.Empty);
        }
    }

    private static string Reason(NpgsqlException failure) =>
        failure is PostgresException refused ? refused.MessageText : failure.InnerException is { } cause ? $"{failure.Message}: {cause.Message}" : failure.Message;
}
