using System.Text.Json.Nodes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Schemas;

namespace Orchestrator.Silo.Rest.OpenApi;

/// <summary>The URLs of a kind with what may be done there and with which parameters.</summary>
internal sealed class OpenApiPaths(ObjectSchemas schemas, bool version3)
{
    private static readonly (string Name, string Type)[] WriteParameters = [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];

    private static readonly (string Name, string Type)[] ReadParameters =
    [
        ("labelSelector", "string"), ("fieldSelector", "string"), ("limit", "integer"), ("continue", "string"), ("resourceVersion", "string"),
        ("resourceVersionMatch", "string"), ("watch", "boolean"), ("allowWatchBookmarks", "boolean"), ("sendInitialEvents", "boolean"), ("timeoutSeconds", "integer"),
    ];

    private static readonly (string Name, string Type)[] DeleteParameters =
        [("dryRun", "string"), ("gracePeriodSeconds", "integer"), ("propagationPolicy", "string"), ("orphanDependents", "boolean")];

    public static string RootOf(Kind kind) => kind.Resource.Group.Length == 0 ? $"api/{kind.ApiVersion}" : $"apis/{kind.ApiVersion}";

    public void AddTo(JsonObject paths, Kind kind)
    {
        var place = kind.Namespaced ? "/namespaces/{namespace}" : "";
        var collection = $"/{RootOf(kind)}{place}/{kind.Resource.Plural}";
        paths[collection] = new JsonObject
        {
            ["get"] = Operation(kind, "list", ReadParameters, list: true),
            ["post"] = Operation(kind, "post", WriteParameters),
            ["delete"] = Operation(kind, "deletecollection", [.. ReadParameters, .. DeleteParameters]),
        };
        paths[collection + "/{name}"] = new JsonObject
        {
            ["get"] = Operation(kind, "get", []),
            ["put"] = Operation(kind, "put", WriteParameters),
            ["patch"] = Operation(kind, "patch", [.. WriteParameters, ("force", "boolean")]),
            ["delete"] = Operation(kind, "delete", DeleteParameters),
        };
    }

    private JsonObject Operation(Kind kind, string action, (string Name, string Type)[] parameters, bool list = false)
    {
        var reference = schemas.ReferenceTo(kind);
        if (list) reference["$ref"] = reference["$ref"]!.GetValue<string>() + "List";
        var answer = new JsonObject { ["description"] = "OK" };
        if (version3) answer["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = reference } };
        else answer["schema"] = reference;
        return new JsonObject
        {
            ["operationId"] = $"{action}{kind.ApiVersion.Replace("/", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal)}{kind.Name}",
            ["parameters"] = new JsonArray([.. parameters.Select(Parameter)]),
            ["responses"] = new JsonObject { ["200"] = answer },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = ObjectSchemas.GroupVersionKind(kind),
        };
    }

    private JsonNode Parameter((string Name, string Type) parameter)
    {
        var described = new JsonObject { ["name"] = parameter.Name, ["in"] = "query" };
        if (version3) described["schema"] = new JsonObject { ["type"] = parameter.Type };
        else described["type"] = parameter.Type;
        return described;
    }
}
