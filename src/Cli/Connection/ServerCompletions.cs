using System.CommandLine.Parsing;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Connection;

/// <summary>Candidates that only the server knows: kinds and names. A server that is away has none.</summary>
internal static class ServerCompletions
{
    /// <summary>Null where the grammar alone knows what may follow.</summary>
    public static async Task<IEnumerable<string>?> OfAsync(Invocation invocation, IReadOnlyList<string> words)
    {
        var last = words.Count == 0 ? "" : words[^1];
        if (last.StartsWith('-')) return null;
        try
        {
            if (words.Count > 1 && words[^2] is "-n" or "--namespace") return await NamesAsync(invocation, "namespaces");
            if (words.Count > 1 && words[^2] == "--context")
                return ConfigFile.Locate(invocation.Environment.Variable).Read().Contexts.Select(context => context.Name);
            if (words.Count > 1 && words[^2].StartsWith('-') && TakesValue(invocation, words[^2])) return null;
            if (invocation.Parsed.CommandResult.Command is not OrcCommand { Completes: { } completes }) return null;
            return await PositionalAsync(invocation, completes, last);
        }
        catch (Exception exception) when (exception is RpcException or CommandException)
        {
            return [];
        }
    }

    private static bool TakesValue(Invocation invocation, string option) =>
        invocation.Parsed.CommandResult.Command.Options.Any(
            candidate => (candidate.Name == option || candidate.Aliases.Contains(option)) && candidate.ValueType != typeof(bool));

    private static async Task<IEnumerable<string>> PositionalAsync(Invocation invocation, PositionalCompletion completes, string last)
    {
        if (last.IndexOf('/') is > 0 and var slash)
            return (await NamesAsync(invocation, last[..slash])).Select(name => $"{last[..slash]}/{name}");
        var before = invocation.Parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens).Select(token => token.Value).ToList();
        if (last.Length > 0 && before.Count > 0) before.RemoveAt(before.Count - 1);
        if (completes.Type is { } type) return before.Count == 0 ? await NamesAsync(invocation, type) : [];
        if (before.Count == 0) return (await invocation.KindsAsync()).All.Select(kind => kind.Resource.Resource);
        return before[0].Contains('/') ? [] : await NamesAsync(invocation, before[0]);
    }

    private static async Task<IEnumerable<string>> NamesAsync(Invocation invocation, string type)
    {
        var kind = (await invocation.KindsAsync()).Resolve(type);
        var list = await invocation.Server.ListAsync(new ListQuery(kind, invocation.Namespace), Form.Table, invocation.Cancellation);
        return list.Items.Select(item => item.Name);
    }
}
