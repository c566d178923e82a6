using System.CommandLine;
using System.CommandLine.Parsing;
using Grpc.Core;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands;

/// <summary>One run of one command: what was asked for, where, and the connection, opened when first needed.</summary>
internal sealed class Invocation(
    ParseResult parsed, GlobalOptions globals, CommandEnvironment environment, CancellationToken cancellation) : IDisposable
{
    private readonly bool _ownsServer = true;
    private ClusterClient? _server;
    private ConfigContext? _context;
    private bool _contextRead;
    private bool _failed;

    /// <summary>The same, on the same connection, under another token: for what must be done after an interrupt.</summary>
    public Invocation(Invocation before, CancellationToken cancellation)
        : this(before.Parsed, before.Globals, before.Environment, cancellation)
    {
        _server = before.Server;
        _ownsServer = false;
    }

    public CommandEnvironment Environment => environment;
    public CancellationToken Cancellation => cancellation;
    public StreamWriter Out => environment.Out;
    public StreamWriter Error => environment.Error;
    public ParseResult Parsed => parsed;
    private GlobalOptions Globals => globals;
    public ClusterClient Server => _server ??= Connect();
    public Task<KindIndex> KindsAsync() => Server.KindsAsync(cancellation);

    /// <summary>The namespace of objects that name none.</summary>
    public string Namespace => parsed.GetValue(globals.Namespace) is { Length: > 0 } chosen
        ? chosen
        : Context?.Namespace is { Length: > 0 } ofContext ? ofContext : "default";

    /// <summary>True if the user named a namespace on the command line.</summary>
    public bool NamespaceGiven => parsed.GetValue(globals.Namespace) is { Length: > 0 };

    /// <summary>What <c>--server</c> says; null if it isn't given.</summary>
    public string? ServerOption => parsed.GetValue(globals.Server) is { Length: > 0 } given ? given : null;

    /// <summary>Success unless something was reported.</summary>
    public int ExitCode => _failed ? ExitCodes.Failure : ExitCodes.Success;

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);
    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>True if the user gave the option, even with its default value.</summary>
    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>True if the command line has <c>--</c>.</summary>
    public bool HasDoubleDash => parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash);

    /// <summary>Prints a server's error; the command goes on with what is left to do and fails at its end.</summary>
    public void Report(RpcException exception)
    {
        Out.Flush();
        foreach (var line in ServerErrors.Describe(exception, Server.Address)) Error.WriteLine(line);
        _failed = true;
    }

    public void Report(string message)
    {
        Out.Flush();
        Error.WriteLine(message);
        _failed = true;
    }

    public void Dispose()
    {
        if (_ownsServer) _server?.Dispose();
    }

    private ConfigContext? Context
    {
        get
        {
            if (_contextRead) return _context;
            _contextRead = true;
            var file = ConfigFile.Locate(environment.Variable);
            var config = file.Read();
            var name = parsed.GetValue(globals.Context) is { Length: > 0 } chosen ? chosen : config.CurrentContext;
            if (name.Length == 0) return null;
            return _context = config.Find(name) ?? throw new CommandException($"context \"{name}\" does not exist in {file.Path}");
        }
    }

    private ClusterClient Connect()
    {
        var address = ServerOption is { } flag ? flag
            : parsed.GetValue(globals.Context) is not { Length: > 0 } && environment.Variable("ORC_SERVER") is { Length: > 0 } variable ? variable
            : Context?.Server ?? ClusterAddress.Default;
        var timeout = parsed.GetValue(globals.RequestTimeout) is { Length: > 0 } text ? Duration.Parse(text, "--request-timeout") : TimeSpan.Zero;
        return ClusterClient.Open(ClusterAddress.Parse(address), new ClusterClientOptions
        {
            RequestTimeout = timeout,
            Interceptor = parsed.GetValue(globals.Verbosity) >= 6 ? new CallTrace(environment.Error, environment.Time) : null,
            Time = environment.Time,
        });
    }
}
