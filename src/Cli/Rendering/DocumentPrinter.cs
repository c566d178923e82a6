using System.Text.Json.Nodes;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Rendering;

/// <summary>Names, JSON, YAML and JSONPath; without <paramref name="single"/> also one object is a list.</summary>
internal sealed class DocumentPrinter(TextWriter output, OutputFormat format, bool single) : ObjectPrinter
{
    private bool _printed;

    public override async Task PrintAsync(IReadOnlyList<ObjectBatch> found)
    {
        var items = found.SelectMany(batch => batch.Items).ToList();
        var separator = _printed && format.Kind == OutputKind.Yaml ? "---\n" : "";
        // What a watch brings later is one object each.
        var asObject = single || (_printed && items.Count == 1);
        _printed = true;
        await output.WriteAsync(format.Kind switch
        {
            OutputKind.Name => string.Concat(found.SelectMany(batch => batch.Items.Select(item => $"{batch.Kind.Display()}/{item.Name}\n"))),
            OutputKind.Json => asObject ? Listing.Json(items[0]) : Listing.Json(items),
            OutputKind.JsonPath => format.Template!.Evaluate(JsonNode.Parse(asObject ? items[0].Json.ToStringUtf8() : Listing.Json(items))),
            _ => separator + (asObject ? Listing.Yaml(items[0]) : Listing.Yaml(items)),
        });
    }
}
