using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Connection;

/// <summary>What to list: a kind, a namespace (empty: all of them) and selectors that the server evaluates.</summary>
internal sealed record ListQuery(KindInfo Kind, string Namespace)
{
    public string LabelSelector { get; init; } = "";
    public string FieldSelector { get; init; } = "";
}

/// <summary>Reads of objects in the form that the caller prints.</summary>
internal static class ObjectReads
{
    /// <summary>All pages as one answer; columns and version are those of the first.</summary>
    public static Task<ListResponse> ListAsync(this ClusterClient server, ListQuery query, Form form, CancellationToken cancellation)
    {
        var request = new ListRequest
        {
            Resource = query.Kind.Resource,
            Namespace = query.Kind.Namespaced ? query.Namespace : "",
            LabelSelector = query.LabelSelector,
            FieldSelector = query.FieldSelector,
            Form = form,
        };
        return server.ListAllAsync(request, cancellation);
    }

    public static Task<Api.V1.Object> GetAsync(
        this ClusterClient server, KindInfo kind, string ns, string name, Form form, CancellationToken cancellation)
    {
        var request = new GetRequest { Resource = kind.Resource, Namespace = kind.Namespaced ? ns : "", Name = name, Form = form };
        return server.CallAsync(o => server.Objects.GetAsync(request, o), cancellation);
    }
}
