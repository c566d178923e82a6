using System.Text.Json.Nodes;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Rendering;

/// <summary>What a write says of each object: <c>pod/web created</c>, or with -o the object or its name.</summary>
internal sealed class WriteOutput
{
    public const string Forms = "name, json, yaml, jsonpath=TEMPLATE";
    private readonly Invocation _invocation;
    private readonly OutputFormat _format;
    private readonly List<Api.V1.Object> _documents = [];

    private WriteOutput(Invocation invocation, OutputFormat format, bool dryRun)
    {
        _invocation = invocation;
        _format = format;
        DryRun = dryRun;
    }

    public bool DryRun { get; }
    public Form Form => _format.Form;

    public static WriteOutput For(Invocation invocation, string? output, bool dryRun)
    {
        var format = OutputFormat.Parse(output);
        return format.Kind == OutputKind.Wide
            ? throw new CommandException("unable to match a printer suitable for the output format \"wide\", allowed formats are: json,jsonpath,name,yaml")
            : new WriteOutput(invocation, format, dryRun);
    }

    public async Task TellAsync(Api.V1.Object written, string verb)
    {
        foreach (var warning in written.Warnings) await _invocation.Error.WriteLineAsync($"Warning: {warning}");
        if (!_format.IsTable && _format.Kind != OutputKind.Name)
        {
            _documents.Add(written);
            return;
        }
        var kinds = await _invocation.KindsAsync();
        var kind = kinds.All.FirstOrDefault(candidate => candidate.Resource.Equals(written.Resource));
        var name = $"{kind?.Display() ?? written.Resource.DisplayPlural()}/{written.Name}";
        await _invocation.Out.WriteLineAsync(
            _format.Kind == OutputKind.Name ? name : $"{name} {verb}{(DryRun ? " (server dry run)" : "")}");
        await _invocation.Out.FlushAsync(_invocation.Cancellation);
    }

    /// <summary>Prints the objects, if the output is of objects.</summary>
    public async Task FinishAsync()
    {
        if (_documents.Count == 0) return;
        var one = _documents.Count == 1;
        await _invocation.Out.WriteAsync(_format.Kind switch
        {
            OutputKind.Json => one ? Listing.Json(_documents[0]) : Listing.Json(_documents),
            OutputKind.Yaml => one ? Listing.Yaml(_documents[0]) : Listing.Yaml(_documents),
            _ => _format.Template!.Evaluate(JsonNode.Parse(one ? _documents[0].Json.ToStringUtf8() : Listing.Json(_documents))),
        });
    }
}
