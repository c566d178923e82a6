using Google.Protobuf.Reflection;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Schemas;

/// <summary>What OpenAPI calls a message: Kubernetes' own names for the shapes that are Kubernetes', so that its tools know them.</summary>
internal static class SchemaNames
{
    private const string Root = "orchestrator.";
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    public static string Of(MessageDescriptor message)
    {
        if (message.FullName == IntOrString.Descriptor.FullName) return "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
        var package = message.File.Package[Root.Length..];
        var prefix = package switch
        {
            "meta.v1" => Meta,
            _ when package.StartsWith("virt.", StringComparison.Ordinal) => $"dev.orchestrator.{package}.",
            _ => $"io.k8s.api.{package}.",
        };
        return prefix + message.Name;
    }
}
