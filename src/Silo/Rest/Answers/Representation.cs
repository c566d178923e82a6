using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>In which form a reader wants objects.</summary>
internal enum Form
{
    Objects,
    Table,
    MetadataOnly,
}

/// <summary>What the Accept header asks for. A client that takes only what we don't have gets JSON objects, which all of them read.</summary>
internal readonly record struct Representation(Form Form, string Version, bool Yaml)
{
    private static readonly Representation Plain = new(Form.Objects, "v1", Yaml: false);

    public static Representation Of(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or Pieces.Json or "application/json, */*")) return Plain;
        if (!MediaTypeHeaderValue.TryParseList(accept, out var wanted)) return Plain;
        foreach (var type in wanted)
        {
            var yaml = type.MediaType.Equals("application/yaml", StringComparison.OrdinalIgnoreCase);
            if (!yaml && !type.MediaType.Equals(Pieces.Json, StringComparison.OrdinalIgnoreCase) && type.MediaType != "*/*") continue;
            var (form, version) = (Parameter(type, "as"), Parameter(type, "v"));
            switch (form)
            {
                case "":
                    return Plain with { Yaml = yaml };
                case "Table" when version is "v1" or "v1beta1":
                    return new Representation(Form.Table, version, yaml);
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when version is "v1" or "v1beta1":
                    return new Representation(Form.MetadataOnly, version, yaml);
                default:
                    continue;
            }
        }

        return Plain;
    }

    private static string Parameter(MediaTypeHeaderValue type, string name)
    {
        foreach (var parameter in type.Parameters)
        {
            if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return StringSegment.IsNullOrEmpty(parameter.Value) ? "" : parameter.Value.ToString();
        }

        return "";
    }
}
