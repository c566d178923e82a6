using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;
using Orchestrator.Api.V1;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>
/// Creates over gRPC by 64 writers, each acknowledged after its durable commit. The peer is SQLite alone: as many rows
/// of the same size, 64 to a transaction (all that 64 writers can have open), synchronous=FULL, on the same file system.
/// </summary>
internal static class DurableCreates
{
    private const int Writers = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(8);

    public static async IAsyncEnumerable<Figure> MeasureAsync(BenchCluster cluster)
    {
        await CreateAsync(cluster, "warm", WarmUp);
        var created = await CreateAsync(cluster, "bench", Measured);
        var peer = InsertAlone(cluster.Directory);
        yield return new Figure("durable creates a second, 64 writers", created / Measured.TotalSeconds, "1/s")
        {
            Peer = peer,
            PeerName = "SQLite alone, 64 rows a transaction, FULL",
            HigherIsBetter = true,
        };
    }

    private static async Task<int> CreateAsync(BenchCluster cluster, string prefix, TimeSpan duration)
    {
        var created = 0;
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var number = 0; TimeProvider.System.GetElapsedTime(started) < duration; number++)
            {
                await cluster.Objects.CreateAsync(new CreateRequest
                {
                    Manifest = new Manifest { Proto = Any.Pack(Object($"{prefix}-{writer}-{number}")) },
                    Form = Form.Proto,
                    DefaultNamespace = "default",
                });
                Interlocked.Increment(ref created);
            }
        }));
        return created;
    }

    private static MachineImage Object(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Labels = { ["suite"] = "bench" } },
        Spec = new MachineImageSpec { Image = BenchCluster.Image, Description = "one of many" },
    };

    private static double InsertAlone(string directory)
    {
        var file = Path.Combine(directory, "bench-peer.db");
        var value = new byte[Object("bench-12-3456").CalculateSize() + 96]; // and what the server adds: uid, times, version
        try
        {
            using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE log(revision INTEGER PRIMARY KEY, key TEXT, value BLOB)");
            var started = TimeProvider.System.GetTimestamp();
            var rows = 0;
            while (TimeProvider.System.GetElapsedTime(started) < WarmUp) rows += InsertBatch(connection, rows, value);
            return rows / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            foreach (var suffix in new[] { "", "-wal", "-shm" }) File.Delete(file + suffix);
        }
    }

    private static int InsertBatch(SqliteConnection connection, int first, byte[] value)
    {
        using var transaction = connection.BeginTransaction();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO log VALUES ($revision, $key, $value)";
        var revision = insert.Parameters.Add("$revision", SqliteType.Integer);
        var key = insert.Parameters.Add("$key", SqliteType.Text);
        insert.Parameters.AddWithValue("$value", value);
        for (var row = 0; row < Writers; row++)
        {
            revision.Value = first + row;
            key.Value = string.Create(CultureInfo.InvariantCulture, $"virt.orchestrator.dev/machineimages/default/bench-{first + row}");
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
        return Writers;
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
