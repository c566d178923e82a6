using Orchestrator.Cli.Rendering;
using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Cli.Launching;

/// <summary>A workload as a manifest that <c>orc apply</c> takes.</summary>
internal static class WorkloadManifest
{
    public static string Json(Workload workload) => Listing.Indent(ObjectJson.Encode(workload.Object));

    public static string Yaml(Workload workload) => ObjectYaml.FromJson(ObjectJson.Encode(workload.Object));
}
