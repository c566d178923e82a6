using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Kinds;
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
            "apiextensions.v1" => "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.",
            _ when package.StartsWith("virt.", StringComparison.Ordinal) => $"dev.orchestrator.{package}.",
            _ => $"io.k8s.api.{package}.",
        };
        return prefix + message.Name;
    }

    /// <summary>The group from its end, as everywhere in OpenAPI: <c>com.example.v1.CronTab</c>.</summary>
    public static string OfCustom(Kind kind) => $"{string.Join('.', kind.Resource.Group.Split('.').Reverse())}.{kind.Rules.Version}.{kind.Name}";
}
