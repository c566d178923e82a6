using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Access;
using Orchestrator.Silo.Objects.Selectors;

namespace Orchestrator.Silo.Rest;

/// <summary>One request on objects: what it names, how, and where its answer goes.</summary>
internal sealed class RestCall(HttpContext http, RestPath path, RestQuery query)
{
    public HttpContext Http => http;
    public RestPath Path => path;
    public RestQuery Query => query;
    public Kind Kind => path.Kind;
    public ObjectKey Key => path.Key;
    public CancellationToken Cancellation => http.RequestAborted;
    public RequestOptions Options => new(query.DryRun, FieldManager: query.FieldManager.Length > 0 ? query.FieldManager : Program, Force: query.Force);

    /// <summary>Who names no manager is known by his program's name.</summary>
    private string Program => http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent.Split('/', 2)[0] : "unknown";

    /// <summary>Kubernetes' verb for what is asked; null if the path doesn't take the method.</summary>
    public string? Verb => (http.Request.Method, path.Name.Length > 0) switch
    {
        ("GET" or "HEAD", true) => "get",
        ("GET" or "HEAD", false) => query.Watch ? "watch" : "list",
        ("POST", false) when !path.Kind.Namespaced || path.Namespace.Length > 0 => "create",
        ("POST", true) when path.Subresource.Length > 0 => "create",
        ("PUT", true) => "update",
        ("PATCH", true) => "patch",
        ("DELETE", true) when path.Subresource.Length == 0 => "delete",
        ("DELETE", false) => "deletecollection",
        _ => null,
    };

    public Attempt Attempt => new(Verb ?? "", Kind.Resource.Group, Kind.Resource.Plural, path.Subresource, path.Namespace, path.Name);

    /// <summary>The objects that a list, a watch or the deletion of a collection means.</summary>
    public (ObjectSelection? Selection, ApiError? Error) Selection() =>
        ObjectSelection.TryParse(Kind, path.Namespace, path.Name, query.LabelSelector, query.FieldSelector, out var selection, out var error)
            ? (selection, null)
            : (null, error);
}
