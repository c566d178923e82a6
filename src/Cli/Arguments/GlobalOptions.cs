using System.CommandLine;

namespace Orchestrator.Cli.Arguments;

/// <summary>The options that every command takes, before or after its name.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Namespace { get; } = new("--namespace", "-n")
    {
        Description = "The namespace of this request; default: the context's, else \"default\"",
        HelpName = "NAMESPACE",
        Recursive = true,
    };

    public Option<string?> Server { get; } = new("--server", "-s")
    {
        Description = "The server: http://HOST:PORT, https://HOST:PORT or unix:///PATH",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    public Option<string?> Context { get; } = new("--context")
    {
        Description = "The context of the configuration file to use",
        HelpName = "NAME",
        Recursive = true,
    };

    public Option<string?> RequestTimeout { get; } = new("--request-timeout")
    {
        Description = "How long one request may take (1s, 2m); 0: as long as it takes. Streams are not bounded",
        HelpName = "DURATION",
        Recursive = true,
    };

    public Option<int> Verbosity { get; } = new("--v", "-v")
    {
        Description = "Verbosity; from 6, calls to the server and their times are told on standard error",
        HelpName = "LEVEL",
        Recursive = true,
    };

    public Option<bool> Help { get; } = new("--help", "-h") { Description = "Show help for a command", Recursive = true };

    public IEnumerable<Option> All => [Context, Help, Namespace, RequestTimeout, Server, Verbosity];
}
