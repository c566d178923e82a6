namespace Orchestrator.Silo.Store.Postgres;

/// <summary>
/// The writes of a batch as one statement, hence one round trip and one transaction. The row of `meta` is its gate: a competing writer
/// waits there, and finds another epoch or another last revision once it is through.
/// </summary>
internal static class AppendStatement
{
    public const string Text = """
        WITH fence AS (
            UPDATE orchestrator.meta SET revision = @last WHERE epoch = @epoch AND revision = @before RETURNING one),
        written AS (
            INSERT INTO orchestrator.log (revision, key, op, previous, value)
            SELECT r.* FROM unnest(@revisions, @keys, @operations, @previous, @values) r, fence),
        pointed AS (
            INSERT INTO orchestrator.current (key, revision) SELECT p.* FROM unnest(@pointedKeys, @pointedRevisions) p, fence
            ON CONFLICT (key) DO UPDATE SET revision = EXCLUDED.revision),
        unpointed AS (
            DELETE FROM orchestrator.current WHERE key = ANY (@unpointedKeys) AND EXISTS (SELECT FROM fence)),
        remembered AS (
            INSERT INTO orchestrator.request (id, target, at, revision, key)
            SELECT q.* FROM unnest(@requestIds, @requestTargets, @requestTimes, @requestRevisions, @requestKeys) q, fence)
        SELECT EXISTS (SELECT FROM fence)
        """;

    public static object Parameters(IReadOnlyList<LogRecord> records, IReadOnlyList<AcknowledgedRequest> requests, long epoch)
    {
        var keys = records.Select(record => record.Key.ToString()).ToArray();
        // A key that a batch writes more than once ends where its last record leaves it; a statement may touch a row only once.
        var ends = new Dictionary<string, LogRecord>(StringComparer.Ordinal);
        for (var i = 0; i < records.Count; i++) ends[keys[i]] = records[i];
        var pointed = ends.Where(end => end.Value.Operation != WriteOperation.Delete).ToArray();
        return new
        {
            epoch,
            before = records[0].Revision.Value - 1,
            last = records[^1].Revision.Value,
            revisions = records.Select(record => record.Revision.Value).ToArray(),
            keys,
            operations = records.Select(record => (short)record.Operation).ToArray(),
            previous = records.Select(record => record.Previous.Value).ToArray(),
            values = records.Select(record => record.StoredValue).ToArray(),
            pointedKeys = pointed.Select(end => end.Key).ToArray(),
            pointedRevisions = pointed.Select(end => end.Value.Revision.Value).ToArray(),
            unpointedKeys = ends.Where(end => end.Value.Operation == WriteOperation.Delete).Select(end => end.Key).ToArray(),
            requestIds = requests.Select(request => request.Id).ToArray(),
            requestTargets = requests.Select(request => request.Target).ToArray(),
            requestTimes = requests.Select(request => request.At.ToUnixTimeSeconds()).ToArray(),
            requestRevisions = requests.Select(request => request.Revision.Value).ToArray(),
            requestKeys = requests.Select(request => request.Key.ToString()).ToArray(),
        };
    }
}
