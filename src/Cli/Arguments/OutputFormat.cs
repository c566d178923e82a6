using Orchestrator.Api.V1;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Arguments;

internal enum OutputKind { Table, Wide, Name, Json, Yaml, JsonPath }

/// <summary>The value of <c>-o</c>.</summary>
internal sealed record OutputFormat(OutputKind Kind, JsonPathTemplate? Template = null)
{
    public const string Forms = "wide, name, json, yaml, jsonpath=TEMPLATE";

    public bool IsTable => Kind is OutputKind.Table or OutputKind.Wide;

    /// <summary>The form to ask of the server.</summary>
    public Form Form => Kind switch
    {
        OutputKind.Yaml => Form.Yaml,
        OutputKind.Table or OutputKind.Wide or OutputKind.Name => Form.Table,
        _ => Form.Json,
    };

    /// <exception cref="CommandException">There is no such format.</exception>
    public static OutputFormat Parse(string? text)
    {
        const string JsonPath = "jsonpath=";
        if (text?.StartsWith(JsonPath, StringComparison.Ordinal) == true)
            return new OutputFormat(OutputKind.JsonPath, JsonPathTemplate.Parse(text[JsonPath.Length..]));
        return text switch
        {
            null or "" => new OutputFormat(OutputKind.Table),
            "wide" => new OutputFormat(OutputKind.Wide),
            "name" => new OutputFormat(OutputKind.Name),
            "json" => new OutputFormat(OutputKind.Json),
            "yaml" => new OutputFormat(OutputKind.Yaml),
            _ => throw new CommandException(
                $"unable to match a printer suitable for the output format \"{text}\", allowed formats are: json,jsonpath,name,wide,yaml"),
        };
    }
}
