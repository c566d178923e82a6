using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest;

/// <summary>A part of an object, or something done with it, that has a URL of its own.</summary>
internal sealed record Subresource(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs);

/// <summary>Which subresources the objects of a kind have.</summary>
internal static class Subresources
{
    private static readonly string[] Connect = ["create", "get"];
    private static readonly string[] ReadAndWrite = ["get", "patch", "update"];

    public static IReadOnlyList<Subresource> Of(Kind kind)
    {
        var all = new List<Subresource>();
        if (kind.HasStatus) all.Add(new Subresource("status", kind.Resource.Group, kind.Rules.Version, kind.Name, ReadAndWrite));
        if (kind.Scale is not null) all.Add(new Subresource("scale", "autoscaling", "v1", "Scale", ReadAndWrite));
        if (kind.Descriptor == Pod.Descriptor)
        {
            all.Add(new Subresource("binding", "", "v1", "Binding", ["create"]));
            all.Add(new Subresource("attach", "", "v1", "PodAttachOptions", Connect));
            all.Add(new Subresource("exec", "", "v1", "PodExecOptions", Connect));
            all.Add(new Subresource("eviction", "policy", "v1", "Eviction", ["create"]));
            all.Add(new Subresource("log", "", "v1", "Pod", ["get"]));
            all.Add(new Subresource("portforward", "", "v1", "PodPortForwardOptions", Connect));
        }

        if (kind.Descriptor == VirtualMachine.Descriptor) all.Add(new Subresource("portforward", kind.Resource.Group, kind.Rules.Version, kind.Name, Connect));

        return all;
    }
}
