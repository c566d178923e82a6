using System.Text.Json;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Discovery;

/// <summary>What clients ask first: which groups, versions and resources there are; one list for each version.</summary>
internal static class DiscoveryDocuments
{
    public static readonly ReadOnlyMemory<byte> CoreVersions = RestJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "APIVersions");
        writer.WriteStartArray("versions");
        writer.WriteStringValue("v1");
        writer.WriteEndArray();
        writer.WriteStartArray("serverAddressByClientCIDRs");
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Groups(ApiSurface surface) => RestJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "APIGroupList");
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartArray("groups");
        foreach (var (group, versions) in surface.Groups) WriteGroup(writer, group, versions, alone: false);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>One group; null if there is none of that name.</summary>
    public static ReadOnlyMemory<byte>? Group(ApiSurface surface, string name) => surface.Groups.FirstOrDefault(one => one.Group == name) is { Group: not null } found
        ? RestJson.Write(writer => WriteGroup(writer, found.Group, found.Versions, alone: true))
        : (ReadOnlyMemory<byte>?)null;

    /// <summary>The resources of a version; null if there is none.</summary>
    public static ReadOnlyMemory<byte>? Version(ApiSurface surface, string group, string version)
    {
        var resources = surface.Of(group, version).ToArray();
        return resources.Length == 0 ? (ReadOnlyMemory<byte>?)null : RestJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "APIResourceList");
            writer.WriteString("apiVersion", "v1");
            writer.WriteString("groupVersion", resources[0].GroupVersion);
            writer.WriteStartArray("resources");
            foreach (var resource in resources) WriteResource(writer, resource);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    public static void WriteStrings(this Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static void WriteGroup(Utf8JsonWriter writer, string group, IReadOnlyList<string> versions, bool alone)
    {
        writer.WriteStartObject();
        if (alone)
        {
            writer.WriteString("kind", "APIGroup");
            writer.WriteString("apiVersion", "v1");
        }

        writer.WriteString("name", group);
        writer.WriteStartArray("versions");
        foreach (var version in versions) WriteVersion(writer, group, version);
        writer.WriteEndArray();
        writer.WritePropertyName("preferredVersion");
        WriteVersion(writer, group, versions[0]);
        writer.WriteEndObject();
    }

    private static void WriteVersion(Utf8JsonWriter writer, string group, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("groupVersion", $"{group}/{version}");
        writer.WriteString("version", version);
        writer.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter writer, ApiResource resource)
    {
        writer.WriteStartObject();
        writer.WriteString("name", resource.Name);
        writer.WriteString("singularName", resource.Singular);
        writer.WriteBoolean("namespaced", resource.Namespaced);
        writer.WriteString("kind", resource.Kind);
        writer.WriteStrings("verbs", resource.Verbs);
        if (resource.ShortNames.Count > 0) writer.WriteStrings("shortNames", resource.ShortNames);
        if (resource.Categories.Count > 0) writer.WriteStrings("categories", resource.Categories);
        writer.WriteEndObject();
        foreach (var subresource in resource.Subresources)
        {
            writer.WriteStartObject();
            writer.WriteString("name", $"{resource.Name}/{subresource.Name}");
            writer.WriteString("singularName", "");
            writer.WriteBoolean("namespaced", resource.Namespaced);
            if (subresource.Group != resource.Group) writer.WriteString("group", subresource.Group);
            if (subresource.Group != resource.Group) writer.WriteString("version", subresource.Version);
            writer.WriteString("kind", subresource.Kind);
            writer.WriteStrings("verbs", subresource.Verbs);
            writer.WriteEndObject();
        }
    }
}
