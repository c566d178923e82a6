using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands;

/// <summary><c>label</c> and <c>annotate</c>: both change one map of the metadata.</summary>
internal sealed class MetadataCommand : OrcCommand
{
    private readonly string _field;
    private readonly string _verb;
    private readonly Argument<string[]> _words = CommonOptions.Resources("TYPE NAME… | TYPE/NAME…  KEY=VALUE… KEY-…");
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace values that are there" };

    public MetadataCommand(string name, string summary, string field, string verb) : base(name, summary)
    {
        (_field, _verb) = (field, verb);
        Usage = "(TYPE NAME… | TYPE/NAME…) KEY=VALUE… [KEY-…] [--overwrite]";
        Examples = $"""
            # Set one, change one, remove one
            orc {name} pod web tier=front
            orc {name} pod web tier=back --overwrite
            orc {name} pod web tier-
            """;
        Add(_words);
        Add(_overwrite);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var words = invocation.Get(_words)!;
        var resources = words.TakeWhile(word => !IsChange(word)).ToList();
        var changes = words.Skip(resources.Count).ToList();
        if (changes.Find(word => !IsChange(word)) is { } stray) throw new CommandException($"unexpected \"{stray}\" after the changes");
        if (changes.Count == 0) throw new CommandException($"at least one {_field[..^1]} update is required");
        var selection = await TargetArguments.ReadAsync(invocation, resources, [], recursive: false);
        if (selection.Targets.Any(target => target.Name is null)) throw new CommandException("a name is needed");
        foreach (var target in selection.Targets)
        {
            try
            {
                await ChangeAsync(invocation, target, changes);
            }
            catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
            {
                invocation.Report(exception);
            }
        }
        return invocation.ExitCode;
    }

    private async Task ChangeAsync(Invocation invocation, ResourceTarget target, List<string> changes)
    {
        var ns = target.Kind.Namespaced ? invocation.Namespace : "";
        var one = await invocation.Server.GetAsync(target.Kind, ns, target.Name!, Form.Json, invocation.Cancellation);
        var metadata = JsonNode.Parse(one.Json.Span)?["metadata"];
        var patch = new JsonObject();
        foreach (var change in changes)
        {
            var (key, value) = Split(change);
            var present = metadata?[_field]?[key]?.ToString();
            if (value is not null && present is not null && present != value && !invocation.Get(_overwrite))
                throw new CommandException($"'{key}' already has a value ({present}), and --overwrite is false");
            if (present != value) patch[key] = value;
        }
        if (patch.Count > 0)
        {
            // The version makes it a change of what was looked at.
            var whole = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = one.ResourceVersion, [_field] = patch } };
            var request = new PatchRequest
            {
                Resource = target.Kind.Resource,
                Namespace = ns,
                Name = target.Name,
                Form = Form.Table,
                RequestId = RequestId.New(),
                Patch = ByteString.CopyFromUtf8(whole.ToJsonString()),
            };
            await invocation.Server.CallAsync(o => invocation.Server.Objects.PatchAsync(request, o), invocation.Cancellation);
        }
        var said = patch.Count == 0 ? $"not {_verb}" : patch.All(change => change.Value is null) ? $"un{_verb}" : _verb;
        await invocation.Out.WriteLineAsync($"{target.Kind.Display()}/{target.Name} {said}");
    }

    private static bool IsChange(string word) => word.Contains('=') || (word.EndsWith('-') && word.Length > 1);

    private static (string Key, string? Value) Split(string change)
    {
        var at = change.IndexOf('=');
        return at < 0 ? (change[..^1], null) : (change[..at], change[(at + 1)..]);
    }
}
