using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Hosting;

/// <summary>Where the silo keeps its data and where it listens. From the command line: <c>--data DIR --listen IP:PORT …</c>.</summary>
internal sealed class SiloOptions
{
    public const string DefaultListen = "127.0.0.1:7650";
    public const string DefaultHttp = "127.0.0.1:7651";

    public static readonly IReadOnlyDictionary<string, string> Switches = new Dictionary<string, string>
    {
        ["--data"] = $"Silo:{nameof(DataDirectory)}",
        ["--store"] = $"Silo:{nameof(Store)}",
        ["--store-connection"] = $"Silo:{nameof(StoreConnection)}",
        ["--listen"] = $"Silo:{nameof(Listen)}",
        ["--http"] = $"Silo:{nameof(Http)}",
        ["--agent-socket"] = $"Silo:{nameof(AgentSocket)}",
        ["--log-format"] = $"Silo:{nameof(LogFormat)}",
        ["--heartbeat-seconds"] = "Hosts:HeartbeatSeconds",
        ["--lease-seconds"] = "Hosts:LeaseSeconds",
    };

    /// <summary>The folder of the store; made if it isn't there.</summary>
    [Required]
    public string DataDirectory { get; set; } = "/var/lib/orchestrator/silo";

    /// <summary>Where the revision log is.</summary>
    public StoreKind Store { get; set; } = StoreKind.Sqlite;

    /// <summary>How PostgreSQL is reached, as Npgsql writes it: <c>Host=…;Database=…;Username=…</c>. With a password in it, better given in the environment.</summary>
    public string StoreConnection { get; set; } = "";

    /// <summary>The gRPC API (HTTP/2). Loopback only: nothing authenticates a caller yet.</summary>
    [Required]
    public string Listen { get; set; } = DefaultListen;

    /// <summary>Health and metrics (HTTP/1.1).</summary>
    [Required]
    public string Http { get; set; } = DefaultHttp;

    /// <summary>The unix socket for agents, root's only. Empty: agent.sock in the data directory.</summary>
    public string AgentSocket { get; set; } = "";

    /// <summary>How log lines are written to standard output.</summary>
    public LogFormat LogFormat { get; set; } = LogFormat.Json;

    public string AgentSocketPath => AgentSocket.Length > 0 ? AgentSocket : Path.Combine(DataDirectory, "agent.sock");

    public string StorePath => Path.Combine(DataDirectory, "store.db");
}

internal enum StoreKind
{
    /// <summary>A file in the data directory.</summary>
    Sqlite,

    /// <summary>A database of a PostgreSQL server.</summary>
    Postgres,
}

/// <summary>One JSON object a line, with the names and values of each message; or one line of text for a reader.</summary>
internal enum LogFormat
{
    Json,
    Text,
}

internal sealed class ValidateSiloOptions : IValidateOptions<SiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var errors = new List<string>();
        CheckEndpoint("--listen", options.Listen, errors);
        CheckEndpoint("--http", options.Http, errors);
        if (options.DataDirectory.Length == 0) errors.Add("--data: Required value: a folder for the store");
        if (options.Store == StoreKind.Postgres && options.StoreConnection.Length == 0)
            errors.Add("--store-connection: Required value: how the PostgreSQL server is reached, such as \"Host=/run/postgresql;Database=orchestrator\"");
        if (options.Store != StoreKind.Postgres && options.StoreConnection.Length > 0)
            errors.Add("--store-connection: Forbidden: it goes with --store postgres");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckEndpoint(string option, string value, List<string> errors)
    {
        if (!IPEndPoint.TryParse(value, out var endpoint) || endpoint.Port == 0)
            errors.Add($"{option}: Invalid value \"{value}\": expected IP:PORT, such as 127.0.0.1:7650");
        else if (!IPAddress.IsLoopback(endpoint.Address))
            errors.Add($"{option}: Invalid value \"{value}\": only a loopback address is allowed, since callers are not authenticated yet");
    }
}
