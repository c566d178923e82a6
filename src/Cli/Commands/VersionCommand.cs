using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class VersionCommand : OrcCommand
{
    private readonly Option<bool> _client = new("--client") { Description = "Only orc's own, without asking the server" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Output format: json, yaml", HelpName = "FORMAT" };

    public VersionCommand(string name, string summary) : base(name, summary)
    {
        Usage = "[--client] [-o json|yaml]";
        Examples = """
            # orc's and the server's
            orc version

            # For a program
            orc version -o json
            """;
        Add(_client);
        Add(_output);
    }

    public static string Own { get; } = "v" +
        (typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0");

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var output = invocation.Get(_output) ?? "";
        if (output is not ("" or "json" or "yaml")) throw new CommandException("--output must be 'yaml' or 'json'");
        var server = invocation.Get(_client) ? null : await ServerVersionAsync(invocation);
        var platform = $"linux/{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        await invocation.Out.WriteAsync(output switch
        {
            "json" => Json(server, platform),
            "yaml" => $"clientVersion:\n  gitVersion: {Own}\n  platform: {platform}\n" + (server is null ? "" : $"serverVersion:\n  gitVersion: {server}\n"),
            _ => $"Client Version: {Own}\n" + (server is null ? "" : $"Server Version: {server}\n"),
        });
        return invocation.ExitCode;
    }

    /// <summary>Null if the server can't be asked, which is reported.</summary>
    private static async Task<string?> ServerVersionAsync(Invocation invocation)
    {
        try
        {
            var answer = await invocation.Server.CallAsync(
                o => invocation.Server.Objects.KindsAsync(new KindsRequest(), o), invocation.Cancellation);
            return answer.ServerVersion.Length > 0 ? $"v{answer.ServerVersion.TrimStart('v')}" : "unknown";
        }
        catch (RpcException exception)
        {
            invocation.Report(exception);
            return null;
        }
    }

    private static string Json(string? server, string platform)
    {
        var versions = new JsonObject { ["clientVersion"] = new JsonObject { ["gitVersion"] = Own, ["platform"] = platform } };
        if (server is not null) versions["serverVersion"] = new JsonObject { ["gitVersion"] = server };
        return Listing.Json(versions);
    }
}
