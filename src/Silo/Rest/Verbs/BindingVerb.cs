using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>The <c>binding</c> of a pod to a host: what a scheduler of somebody else's says. The host has the last word, as with our own.</summary>
internal sealed class BindingVerb(ObjectCache cache, IGrainFactory grains)
{
    public async Task Bind(RestCall call)
    {
        var (host, error) = await ReadHost(call);
        var pod = cache.Find(call.Key);
        if (host is not null) error = pod is null ? ApiError.NotFound(call.Kind, call.Path.Name) : await Bind(call, pod, host);
        if (error is null) await call.Succeed(pod!.Uid);
        else await call.Refuse(error);
    }

    private async Task<ApiError?> Bind(RestCall call, StoredObject pod, string host)
    {
        if (cache.Find(HostRegistration.KeyOf(host)) is null) return ApiError.NotFound(KindCatalog.Of<Orchestrator.Objects.CoreV1.Node>(), host);
        if (call.Options.DryRun) return null;
        var answers = await grains.GetGrain<IHostGrain>(host).Bind([new BindRequest(call.Key.ToString(), pod.Uid, null)]);
        return answers[0].Outcome switch
        {
            BindOutcome.Bound => null,
            BindOutcome.Unavailable => ApiError.StoreUnavailable,
            BindOutcome.Obsolete => ApiError.Conflict(call.Key, $"pod {call.Path.Name} is already assigned or gone: {answers[0].Reason}"),
            _ => ApiError.Conflict(call.Key, $"host \"{host}\" refuses it: {answers[0].Reason}"),
        };
    }

    private static async Task<(string? Host, ApiError? Error)> ReadHost(RestCall call)
    {
        var (bytes, error) = await RequestBody.Read(call.Http.Request, call.Cancellation);
        if (error is not null) return (null, error);
        try
        {
            var binding = JsonNode.Parse(bytes.Span, documentOptions: ObjectPatch.Strict) as JsonObject;
            var target = binding?["target"] as JsonObject;
            if (Text(target, "kind") is { } kind and not ("" or "Node")) return (null, Invalid(call, $"target.kind: Unsupported value \"{kind}\": must be Node"));
            if (binding?["metadata"] is JsonObject metadata && Text(metadata, "name") is { Length: > 0 } name && name != call.Path.Name)
                return (null, new ApiError(ErrorReason.BadRequest, "name in URL does not match name in Binding object"));
            return Text(target, "name") is { Length: > 0 } host ? (host, null) : (null, Invalid(call, "target.name: Required value"));
        }
        catch (JsonException broken)
        {
            return (null, new ApiError(ErrorReason.BadRequest, $"Binding in the request can't be read: {broken.Message}"));
        }
    }

    private static string? Text(JsonObject? within, string name) => within?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static ApiError Invalid(RestCall call, string problem) => new(ErrorReason.Invalid, $"Binding \"{call.Path.Name}\" is invalid: {problem}");
}
