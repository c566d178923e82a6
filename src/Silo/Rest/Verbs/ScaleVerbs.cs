using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Patching;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>The <c>scale</c> subresource (autoscaling/v1 Scale): one number of an object, read and written the same way for all kinds.</summary>
internal sealed class ScaleVerbs(ObjectPipeline pipeline, ObjectCache cache)
{
    public Task Get(RestCall call) => cache.Find(call.Key)?.In(call.Kind) is { } obj ? Send(call, obj) : call.Refuse(ApiError.NotFound(call.Kind, call.Path.Name));

    public async Task Write(RestCall call)
    {
        if (cache.Find(call.Key)?.In(call.Kind) is not { } present)
        {
            await call.Refuse(ApiError.NotFound(call.Kind, call.Path.Name));
            return;
        }

        var (bytes, error) = await RequestBody.Read(call.Http.Request, call.Cancellation);
        ObjectPatch? patch = null;
        if (error is null) (patch, error) = Change(call, present, bytes);
        if (patch is null)
        {
            await call.Refuse(error!);
            return;
        }

        var result = await pipeline.Patch(call.Key, call.Kind, patch, statusOnly: false, call.Options, call.Cancellation);
        if (result.Succeeded) await Send(call, result.Object);
        else await call.Refuse(result.Error);
    }

    /// <summary>What the new scale means for the object: its number of pods, at the version that the caller has seen, if he says so.</summary>
    private static (ObjectPatch? Patch, ApiError? Error) Change(RestCall call, StoredObject present, ReadOnlyMemory<byte> body)
    {
        JsonNode? given;
        try
        {
            given = JsonNode.Parse(body.Span, documentOptions: ObjectPatch.Strict);
        }
        catch (JsonException broken)
        {
            return (null, new ApiError(ErrorReason.BadRequest, $"Scale in the request can't be read: {broken.Message}"));
        }

        var scaled = RequestBody.MediaType(call.Http.Request) switch
        {
            "application/json-patch+json" => JsonPatch.Apply(Scale(call, present), given),
            "application/merge-patch+json" or "application/strategic-merge-patch+json" => PatchOutcome.Of(MergePatch.Apply(Scale(call, present), given)),
            _ => PatchOutcome.Of(given),
        };
        if (scaled.Problem is { } problem) return (null, new ApiError(ErrorReason.Invalid, $"Scale \"{call.Path.Name}\" is invalid: patch: {problem}"));
        var replicas = scaled.Document?["spec"] is JsonObject spec ? spec["replicas"] : null;
        if (replicas is not null and not JsonValue || (replicas is JsonValue number && !number.TryGetValue(out int _)))
            return (null, new ApiError(ErrorReason.BadRequest, "Scale in the request can't be read: spec.replicas: expected a number"));
        var change = ScalePart.Change(call.Kind.Scale!, replicas?.GetValue<int>() ?? 0);
        if (scaled.Document?["metadata"]?["resourceVersion"] is JsonValue version && version.TryGetValue(out string? text) && text.Length > 0 && call.Verb == "update")
            change["metadata"] = new JsonObject { ["resourceVersion"] = text };
        return ObjectPatch.Read(PatchType.Merge, JsonSerializer.SerializeToUtf8Bytes(change), FieldValidation.Strict);
    }

    private static Task Send(RestCall call, StoredObject obj) => new Pieces().Add(JsonSerializer.SerializeToUtf8Bytes(Scale(call, obj))).Send(call.Http);

    private static JsonObject Scale(RestCall call, StoredObject obj)
    {
        var part = new ScalePart(call.Kind.Scale!, obj);
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = obj.Key.Name,
                ["namespace"] = obj.Key.Namespace,
                ["uid"] = obj.Uid,
                ["resourceVersion"] = obj.Revision.ToString(),
                ["creationTimestamp"] = obj.Metadata.CreationTimestamp.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
            },
            ["spec"] = new JsonObject { ["replicas"] = part.Wanted },
            ["status"] = new JsonObject { ["replicas"] = part.Present, ["selector"] = part.Selector },
        };
    }
}
