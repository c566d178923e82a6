using Orchestrator.Silo.Tests.Cluster;
using Orchestrator.Silo.Tests.Store.Postgres;

namespace Orchestrator.Silo.Tests.Linearizability;

/// <summary>The short form, by a fixed seed; <c>./dev soak store</c> runs the long one with STORE_SOAK_KILLS and STORE_SOAK_SEED.</summary>
[Collection(PostgresServer.Collection)]
public sealed class KillTests(PostgresServer server, ITestOutputHelper output)
{
    private const int ShortKills = 2;
    private const int ShortSeed = 20_261_126;

    private static int Kills => Number("STORE_SOAK_KILLS", ShortKills);
    private static int Seed => Number("STORE_SOAK_SEED", ShortSeed);

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_killed_loses_and_doubles_nothing_on_SQLite()
    {
        using var folder = new TemporaryFolder();
        output.WriteLine(await new KilledWriters(Seed, () => SiloProcess.Start(folder.Path)).Run(Kills, Limit));
    }

    [Fact]
    public async Task A_silo_that_is_killed_loses_and_doubles_nothing_on_PostgreSQL()
    {
        server.Clear();
        using var folder = new TemporaryFolder();
        output.WriteLine(await new KilledWriters(
            Seed + 1, () => SiloProcess.Start(folder.Path, "--store", "postgres", "--store-connection", server.ConnectionString)).Run(Math.Max(1, Kills / 2), Limit));
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;
}
