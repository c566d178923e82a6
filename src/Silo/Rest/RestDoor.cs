using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Access;
using Orchestrator.Silo.Rest.Answers;
using Orchestrator.Silo.Rest.Streams;
using Orchestrator.Silo.Rest.Verbs;

namespace Orchestrator.Silo.Rest;

/// <summary>
/// The REST door to all objects, in Kubernetes' wire protocol. It translates; what requests mean is the pipeline's and the reader's.
/// </summary>
internal sealed class RestDoor(ObjectCache cache, ReadVerbs reads, WatchVerb watch, WriteVerbs writes, DeleteVerbs deletes, ScaleVerbs scales, PodVerbs pods, BindingVerb bindings, ContainerVerbs containers, ForwardVerb ports)
{
    private const string AccessReviews = "selfsubjectaccessreviews";

    private static readonly ApiError NoSuchPath = new(ErrorReason.NotFound, "the server could not find the requested resource");
    private static readonly ApiError NoSuchMethod = new(ErrorReason.MethodNotAllowed, "the server does not allow this method on the requested resource");

    /// <summary>
    /// The way of every request: authenticate → name → authorise → verb; a write goes on: decode and default (<see cref="RequestBody"/>) →
    /// validate → admit → commit (<see cref="ObjectPipeline"/>).
    /// </summary>
    public Task Handle(HttpContext http, string group, string version, string rest)
    {
        if (AuthenticatedCaller(http) is not { } caller) return http.Refuse(Unknown);
        if (group == "authorization.k8s.io" && version == "v1" && rest == AccessReviews && http.Request.Method == HttpMethods.Post) return AccessReview.Answer(http, caller);
        if (RestPath.Parse(cache.Served, group, version, rest) is not { } path) return http.Refuse(NoSuchPath);
        var (query, unreadable) = RestQuery.Read(http.Request);
        if (unreadable is not null) return http.Refuse(unreadable);
        var call = new RestCall(http, path, query);
        if (call.Verb is not { } verb) return call.Refuse(NoSuchMethod);
        if (path.Subresource.Length > 0 && Subresources.Of(path.Kind).All(one => one.Name != path.Subresource)) return call.Refuse(NoSuchPath);
        if (AccessRules.Refuse(caller, call.Attempt) is { } refusal) return call.Refuse(refusal);
        if (path.Kind.Custom is { Deprecation.Length: > 0 } traits) http.Response.Warn(traits.Deprecation);
        return (verb, path.Subresource) switch
        {
            ("get", "" or "status") => reads.Get(call),
            ("list", _) => reads.List(call),
            ("watch", _) => watch.Watch(call),
            ("create", "") => writes.Create(call),
            ("update", "" or "status") => writes.Update(call, statusOnly: path.Subresource.Length > 0),
            ("patch", "" or "status") => writes.Patch(call, statusOnly: path.Subresource.Length > 0),
            ("delete", "") => deletes.Delete(call),
            ("deletecollection", "") => deletes.DeleteCollection(call),
            ("get", "scale") => scales.Get(call),
            ("update" or "patch", "scale") => scales.Write(call),
            ("get", "log") => pods.Log(call),
            ("get" or "create", "exec") => containers.Exec(call),
            ("get" or "create", "attach") => containers.Attach(call),
            ("get" or "create", "portforward") => ports.Forward(call),
            ("create", "eviction") => pods.Evict(call),
            ("create", "binding") => bindings.Bind(call),
            _ => call.Refuse(NoSuchMethod),
        };
    }

    private static readonly ApiError Unknown =
        new(ErrorReason.Unauthorized, "Unauthorized: this door takes requests over loopback, from programs and not from web pages");

    /// <summary>A browser says for which page it asks; a page of somebody else's may not.</summary>
    private static Caller? AuthenticatedCaller(HttpContext http)
    {
        var origin = http.Request.Headers.Origin;
        if (origin.Count > 0 && origin != $"{http.Request.Scheme}://{http.Request.Host}") return null;
        return AccessRules.Authenticate(http.Connection.RemoteIpAddress, http.Request.Host.Host);
    }
}
