using System.Diagnostics;
using Npgsql;

namespace Orchestrator.Silo.Tests.Store.Postgres;

/// <summary>A real PostgreSQL server on a unix socket in a folder of its own, run by a user without privileges, gone with the tests.</summary>
public sealed class PostgresServer : IDisposable
{
    /// <summary>The classes whose tests use the one server, one after the other.</summary>
    public const string Collection = "a PostgreSQL server";

    private const string User = "orchestrator";
    private const string Nobody = "65534";

    private readonly TemporaryFolder _folder = new();

    public PostgresServer()
    {
        if (Environment.IsPrivilegedProcess) Run("chown", Nobody, _folder.Path);
        RunAsNobody(Program("initdb"), "-D", Data, "-A", "trust", "-U", User, "-E", "UTF8", "--no-locale", "--no-sync");
        RunAsNobody(
            Program("pg_ctl"), "-D", Data, "-w", "-t", "60", "-l", Path.Combine(_folder.Path, "log"),
            "-o", $"-k {_folder.Path} -c listen_addresses= -c shared_buffers=16MB -c max_connections=20", "start");
    }

    public string ConnectionString => $"Host={_folder.Path};Username={User};Database=postgres";

    private string Data => Path.Combine(_folder.Path, "data");

    /// <summary>As if nobody had ever used it.</summary>
    public void Clear() => Execute("SET client_min_messages = error; DROP SCHEMA IF EXISTS orchestrator CASCADE");

    public object? Execute(string text)
    {
        using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=False");
        connection.Open();
        using var command = new NpgsqlCommand(text, connection);
        return command.ExecuteScalar();
    }

    public void Dispose()
    {
        RunAsNobody(Program("pg_ctl"), "-D", Data, "-w", "-m", "immediate", "stop");
        _folder.Dispose();
    }

    /// <summary>Debian keeps the server's programs in a folder of each version, off the path.</summary>
    private static string Program(string name) =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql") : [])
            .Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin", name)).LastOrDefault(File.Exists) ?? name;

    // The server refuses to be run by root.
    private static void RunAsNobody(params string[] command) =>
        Run(Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", .. command] : command);

    private static void Run(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardOutput = !command.Contains("start") };
        using var process = Process.Start(start)!;
        if (start.RedirectStandardOutput) process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}");
    }

    [CollectionDefinition(Collection)]
    public sealed class Users : ICollectionFixture<PostgresServer>;
}
