using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Schemas;
using Orchestrator.Silo.Rest.Answers;
using Orchestrator.Silo.Rest.Discovery;

namespace Orchestrator.Silo.Rest.OpenApi;

/// <summary>The OpenAPI documents while these are the kinds, made from their definitions when first asked for.</summary>
internal sealed class OpenApiDocuments
{
    private static readonly ConditionalWeakTable<KindSet, OpenApiDocuments> Made = [];

    private readonly Lazy<JsonObject> _version2;
    private readonly Lazy<ReadOnlyMemory<byte>> _version2Json;
    private readonly Lazy<ReadOnlyMemory<byte>> _version2Proto;
    private readonly Lazy<Dictionary<string, ReadOnlyMemory<byte>>> _version3;
    private readonly Lazy<ReadOnlyMemory<byte>> _version3Index;

    private OpenApiDocuments(KindSet kinds)
    {
        _version2 = new(() => MakeVersion2(kinds));
        _version2Json = new(() => Encode(_version2.Value));
        _version2Proto = new(() => OpenApiProto.Encode(_version2.Value));
        _version3 = new(() => kinds.All.GroupBy(OpenApiPaths.RootOf).ToDictionary(group => group.Key, group => Encode(MakeVersion3(group))));
        _version3Index = new(MakeIndex);
    }

    public static OpenApiDocuments Of(KindSet kinds) => Made.GetValue(kinds, some => new OpenApiDocuments(some));

    public ReadOnlyMemory<byte> Version2 => _version2Json.Value;

    /// <summary>The same in the protobuf form that kubectl before 1.27 asks for.</summary>
    public ReadOnlyMemory<byte> Version2Proto => _version2Proto.Value;

    public ReadOnlyMemory<byte> Version3Index => _version3Index.Value;

    /// <summary>One group's document, such as <c>api/v1</c> or <c>apis/apps/v1</c>; null if there is none.</summary>
    public ReadOnlyMemory<byte>? Version3(string path) => _version3.Value.TryGetValue(path, out var document) ? document : (ReadOnlyMemory<byte>?)null;

    private static JsonObject Info() => new() { ["title"] = "Orchestrator", ["version"] = ServerVersion.Own };

    private static JsonObject MakeVersion2(KindSet kinds)
    {
        var schemas = new ObjectSchemas(version2: true);
        var paths = new JsonObject();
        foreach (var kind in kinds.All)
        {
            schemas.Add(kind);
            new OpenApiPaths(schemas, version3: false).AddTo(paths, kind);
        }

        return new JsonObject { ["swagger"] = "2.0", ["info"] = Info(), ["paths"] = paths, ["definitions"] = schemas.ToJson() };
    }

    private static JsonObject MakeVersion3(IEnumerable<Kind> kinds)
    {
        var schemas = new ObjectSchemas(version2: false);
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            schemas.Add(kind);
            new OpenApiPaths(schemas, version3: true).AddTo(paths, kind);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.ToJson() },
        };
    }

    /// <summary>Each document's address carries the hash of its text, so that clients may keep it.</summary>
    private ReadOnlyMemory<byte> MakeIndex()
    {
        var paths = new JsonObject();
        foreach (var (path, document) in _version3.Value)
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={XxHash64.HashToUInt64(document.Span):X16}" };
        return Encode(new JsonObject { ["paths"] = paths });
    }

    private static ReadOnlyMemory<byte> Encode(JsonObject document) =>
        Encoding.UTF8.GetBytes(document.ToJsonString(new JsonSerializerOptions { Encoder = RestJson.Options.Encoder }));
}
