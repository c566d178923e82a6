using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Connection;

/// <summary>How kubectl writes a kind in its messages.</summary>
internal static class KindNames
{
    /// <summary><c>pod</c>, <c>virtualmachine.virt.orchestrator.dev</c>: before a name.</summary>
    public static string Display(this KindInfo kind) =>
        kind.Resource.Group.Length == 0 ? kind.Singular : $"{kind.Singular}.{kind.Resource.Group}";

    /// <summary><c>pods</c>, <c>virtualmachines.virt.orchestrator.dev</c>: in errors.</summary>
    public static string DisplayPlural(this ResourceName resource) =>
        resource.Group.Length == 0 ? resource.Resource : $"{resource.Resource}.{resource.Group}";

    /// <summary><c>v1</c>, <c>virt.orchestrator.dev/v1</c>.</summary>
    public static string ApiVersion(this KindInfo kind) =>
        kind.Resource.Group.Length == 0 ? kind.Version : $"{kind.Resource.Group}/{kind.Version}";
}
