using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Tables;
using ApiObject = Orchestrator.Api.V1.Object;

namespace Orchestrator.Silo.Api;

/// <summary>An object in the form that the caller asked for. The stored bytes are passed on as they are.</summary>
internal sealed class ObjectForms(TimeProvider time)
{
    public ApiObject Render(StoredObject obj, Form form)
    {
        var metadata = obj.Metadata;
        var rendered = new ApiObject
        {
            Resource = new ResourceName { Group = obj.Key.Resource.Group, Resource = obj.Key.Resource.Plural },
            Namespace = obj.Key.Namespace,
            Name = obj.Key.Name,
            Uid = metadata.Uid,
            ResourceVersion = obj.Revision.Value == 0 ? "" : obj.Revision.ToString(),
        };
        switch (form)
        {
            case Form.Json:
                rendered.Json = UnsafeByteOperations.UnsafeWrap(obj.Json);
                break;
            case Form.Yaml:
                rendered.Yaml = ByteString.CopyFromUtf8(ObjectYaml.FromJson(obj.Json.Span));
                break;
            case Form.Table:
                rendered.Row = new TableRow { Cells = { TableLayouts.For(obj.Kind).Row(obj, time.GetUtcNow()) } };
                break;
            default:
                rendered.Proto = new Any { TypeUrl = $"type.googleapis.com/{obj.Kind.Descriptor.FullName}", Value = UnsafeByteOperations.UnsafeWrap(obj.Bytes) };
                break;
        }

        return rendered;
    }

    public static IEnumerable<TableColumn> Columns(Kind kind) => TableLayouts.For(kind).Columns.Select(column => new TableColumn
    {
        Name = column.Name,
        Type = column.Type,
        Priority = column.Wide ? 1 : 0,
        Description = column.Description,
    });
}
