using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Workloads;

/// <summary>The kinds of isolation that the product brings along, and how a workload's class is found.</summary>
internal static class RuntimeClasses
{
    public const string Container = "container";
    public const string ContainerHandler = "container";

    /// <summary>Name and handler (what runs it on a host) of the built-in classes.</summary>
    public static readonly IReadOnlyList<(string Name, string Handler)> BuiltIn =
        [(Container, ContainerHandler), ("paravirtual", "uml"), ("emulated", "qemu"), ("hardware", "kvm")];

    /// <summary>The class of a workload; a workload that names none is a container.</summary>
    public static RuntimeClass? Find(ObjectCache cache, string name) =>
        cache[KindCatalog.Of<RuntimeClass>()].Find("", name.Length == 0 ? Container : name)?.As<RuntimeClass>();

    public static string NotFound(string name, ObjectCache cache)
    {
        var known = cache[KindCatalog.Of<RuntimeClass>()].Current.Objects.Select(obj => obj.Key.Name);
        return $"Invalid value \"{name}\": no such RuntimeClass; there are {string.Join(", ", known)}";
    }
}
