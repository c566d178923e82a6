using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>Objects and lists of them in the form that the caller asked for.</summary>
internal sealed class ObjectAnswers(TimeProvider time)
{
    private static readonly byte[] Comma = ","u8.ToArray();
    private static readonly byte[] ListEnd = "]}\n"u8.ToArray();
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    public Task Send(RestCall call, StoredObject obj, int status = StatusCodes.Status200OK)
    {
        var representation = Representation.Of(call.Http.Request);
        return Send(call, representation, status, representation.Form == Form.Objects ? new Pieces().Add(obj.Json).Add(LineEnd) : new Pieces().Add(Encode(call, obj, representation, columns: true)));
    }

    public Task Send(RestCall call, ObjectPage page)
    {
        var representation = Representation.Of(call.Http.Request);
        var pieces = representation.Form switch
        {
            Form.Table => new Pieces().Add(Table(call, page.Items, ListPlace.Of(page), representation, columns: true)),
            Form.MetadataOnly => new Pieces().Add(MetadataList(page, representation)),
            _ => List(call, page),
        };
        return Send(call, representation, StatusCodes.Status200OK, pieces);
    }

    /// <summary>One object as a watch event carries it; its own bytes where it is wanted whole.</summary>
    public ReadOnlyMemory<byte> Encode(RestCall call, StoredObject obj, Representation representation, bool columns) => representation.Form switch
    {
        Form.Table => Table(call, [obj], new ListPlace(obj.Revision.ToString()), representation, columns),
        Form.MetadataOnly => RestJson.Write(writer => writer.WriteMetadataOnly(obj, representation.Version)),
        _ => obj.Json,
    };

    private static Task Send(RestCall call, Representation representation, int status, Pieces pieces)
    {
        if (representation.Yaml)
            return new Pieces().Add(Encoding.UTF8.GetBytes(ObjectYaml.FromJson(pieces.ToArray()))).Send(call.Http, status, "application/yaml");
        if (!call.Query.Pretty) return pieces.Send(call.Http, status);
        var indented = JsonNode.Parse(pieces.ToArray())!.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = RestJson.Options.Encoder });
        return new Pieces().Add(Encoding.UTF8.GetBytes(indented + "\n")).Send(call.Http, status);
    }

    private static Pieces List(RestCall call, ObjectPage page)
    {
        var head = RestJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind", $"{call.Kind.Name}List");
            writer.WriteString("apiVersion", call.Kind.ApiVersion);
            writer.WritePropertyName("metadata");
            ListPlace.Of(page).Write(writer);
            writer.WriteStartArray("items");
        }, 256);
        var pieces = new Pieces().Add(head);
        for (var i = 0; i < page.Items.Count; i++)
        {
            if (i > 0) pieces.Add(Comma);
            pieces.Add(page.Items[i].Json);
        }

        return pieces.Add(ListEnd);
    }

    private ReadOnlyMemory<byte> Table(RestCall call, IReadOnlyList<StoredObject> objects, ListPlace place, Representation representation, bool columns) =>
        RestJson.Write(
            writer => writer.WriteTable(call.Kind, objects, place, representation.Version, call.Query.IncludeObject, columns, time.GetUtcNow()),
            1024 + (objects.Count * 512));

    private static ReadOnlyMemory<byte> MetadataList(ObjectPage page, Representation representation) => RestJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadataList");
        writer.WriteString("apiVersion", $"meta.k8s.io/{representation.Version}");
        writer.WritePropertyName("metadata");
        ListPlace.Of(page).Write(writer);
        writer.WriteStartArray("items");
        foreach (var obj in page.Items) writer.WriteMetadataOnly(obj, representation.Version);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }, 1024 + (page.Items.Count * 512));
}
