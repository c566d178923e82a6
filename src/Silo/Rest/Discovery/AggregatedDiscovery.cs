using System.Text.Json;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Discovery;

/// <summary>All groups, versions and resources in one document, for clients since Kubernetes 1.26.</summary>
internal static class AggregatedDiscovery
{
    /// <summary>The version that the client takes, best first; null: it wants the old documents.</summary>
    public static string? VersionFor(HttpRequest request)
    {
        foreach (var accept in request.Headers.Accept.SelectMany(one => (one ?? "").Split(',')))
        {
            if (!accept.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) || !accept.Contains("json", StringComparison.Ordinal)) continue;
            var parameters = accept.Split(';', StringSplitOptions.TrimEntries);
            if (parameters.Contains("v=v2")) return "v2";
            if (parameters.Contains("v=v2beta1")) return "v2beta1";
        }

        return null;
    }

    public static string ContentType(string version) => $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";

    /// <param name="surface">What there is.</param>
    /// <param name="version">Of apidiscovery.k8s.io.</param>
    /// <param name="core">The core group, or all others.</param>
    public static ReadOnlyMemory<byte> Encode(ApiSurface surface, string version, bool core) => RestJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "APIGroupDiscoveryList");
        writer.WriteString("apiVersion", $"apidiscovery.k8s.io/{version}");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        writer.WriteStartArray("items");
        foreach (var (group, of) in core ? [("", ["v1"])] : surface.Groups) WriteGroup(writer, surface, group, of);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteGroup(Utf8JsonWriter writer, ApiSurface surface, string group, IReadOnlyList<string> versions)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("metadata");
        if (group.Length > 0) writer.WriteString("name", group);
        writer.WriteEndObject();
        writer.WriteStartArray("versions");
        foreach (var version in versions)
        {
            writer.WriteStartObject();
            writer.WriteString("version", version);
            writer.WriteString("freshness", "Current");
            writer.WriteStartArray("resources");
            foreach (var resource in surface.Of(group, version)) WriteResource(writer, resource);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter writer, ApiResource resource)
    {
        writer.WriteStartObject();
        writer.WriteString("resource", resource.Name);
        WriteKind(writer, resource.Group, resource.Version, resource.Kind);
        writer.WriteString("scope", resource.Namespaced ? "Namespaced" : "Cluster");
        writer.WriteString("singularResource", resource.Singular);
        writer.WriteStrings("verbs", resource.Verbs);
        if (resource.ShortNames.Count > 0) writer.WriteStrings("shortNames", resource.ShortNames);
        if (resource.Categories.Count > 0) writer.WriteStrings("categories", resource.Categories);
        writer.WriteStartArray("subresources");
        foreach (var subresource in resource.Subresources)
        {
            writer.WriteStartObject();
            writer.WriteString("subresource", subresource.Name);
            WriteKind(writer, subresource.Group, subresource.Version, subresource.Kind);
            writer.WriteStrings("verbs", subresource.Verbs);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteKind(Utf8JsonWriter writer, string group, string version, string kind)
    {
        writer.WriteStartObject("responseKind");
        writer.WriteString("group", group);
        writer.WriteString("version", version);
        writer.WriteString("kind", kind);
        writer.WriteEndObject();
    }
}
