using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Rest;

/// <summary>
/// What the path of a URL names: <c>/api/v1/namespaces/default/pods/web/log</c>. Without a name it is the collection; without a
/// namespace, for a namespaced kind, that of all namespaces.
/// </summary>
internal readonly record struct RestPath(Kind Kind, string Namespace, string Name, string Subresource)
{
    public ObjectKey Key => new(Kind.Resource, Namespace, Name);

    /// <summary>Null where no kind of this server can be at that path.</summary>
    public static RestPath? Parse(KindSet kinds, string group, string version, string rest)
    {
        var steps = rest.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (steps.Length == 0) return null;
        var ns = "";
        if (steps[0] == "namespaces" && steps.Length > 2 && !(steps.Length == 3 && steps[2] is "status" or "finalize"))
        {
            ns = steps[1];
            steps = steps[2..];
        }

        if (steps.Length > 3 || kinds.Find(new ResourceId(group, steps[0]), version) is not { } kind) return null;
        var name = steps.Length > 1 ? steps[1] : "";
        // One object of a namespaced kind is in a namespace, one of another kind is in none.
        if (kind.Namespaced ? ns.Length == 0 && name.Length > 0 : ns.Length > 0) return null;
        return new RestPath(kind, ns, name, steps.Length > 2 ? steps[2] : "");
    }
}
