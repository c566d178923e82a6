using System.Text.Json;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>Kubernetes' <c>DeleteOptions</c>: in the body, in the query, or in both, where the body is right.</summary>
internal static class DeletionBody
{
    private static readonly JsonSerializerOptions Names = new(JsonSerializerDefaults.Web) { MaxDepth = 64 };

    private sealed record Preconditions(string? Uid, string? ResourceVersion);

    private sealed record Body(
        long? GracePeriodSeconds, Preconditions? Preconditions, string? PropagationPolicy, bool? OrphanDependents, IReadOnlyList<string>? DryRun);

    private sealed record Eviction(Body? DeleteOptions);

    public static async Task<(DeleteOptions? Options, ApiError? Error)> Read(RestCall call)
    {
        var (bytes, error) = await RequestBody.Read(call.Http.Request, call.Cancellation);
        if (error is not null) return (null, error);
        var body = new Body(null, null, null, null, null);
        if (bytes.Length > 0)
        {
            var yaml = RequestBody.MediaType(call.Http.Request) == "application/yaml";
            if (yaml) return (null, RequestBody.Unsupported("application/yaml", "application/json"));
            try
            {
                body = JsonSerializer.Deserialize<Body>(bytes.Span, Names) ?? body;
            }
            catch (JsonException broken)
            {
                return (null, new ApiError(ErrorReason.BadRequest, $"DeleteOptions in the request can't be read: {broken.Message}"));
            }
        }

        return Combine(call.Query, body);
    }

    /// <summary>The options within an <c>Eviction</c>, which names the pod that the URL names.</summary>
    public static async Task<(DeleteOptions? Options, ApiError? Error)> ReadEviction(RestCall call)
    {
        var (bytes, error) = await RequestBody.Read(call.Http.Request, call.Cancellation);
        if (error is not null) return (null, error);
        try
        {
            var eviction = bytes.Length == 0 ? null : JsonSerializer.Deserialize<Eviction>(bytes.Span, Names);
            return Combine(call.Query, eviction?.DeleteOptions ?? new Body(null, null, null, null, null));
        }
        catch (JsonException broken)
        {
            return (null, new ApiError(ErrorReason.BadRequest, $"Eviction in the request can't be read: {broken.Message}"));
        }
    }

    private static (DeleteOptions? Options, ApiError? Error) Combine(RestQuery query, Body body)
    {
        var errors = new List<FieldError>();
        var policy = body.PropagationPolicy ?? (query.PropagationPolicy.Length > 0 ? query.PropagationPolicy : null);
        var orphan = body.OrphanDependents ?? query.OrphanDependents;
        if (policy is not null && orphan is not null)
            errors.Add(new FieldError("propagationPolicy", "Invalid value: orphanDependents and propagationPolicy can't be both set", FieldReasons.Invalid));
        Propagation? propagation = null;
        if (policy is not null)
        {
            if (Enum.TryParse<Propagation>(policy, out var parsed) && parsed.ToString() == policy) propagation = parsed;
            else errors.Add(new FieldError("propagationPolicy", $"Unsupported value \"{policy}\": must be one of Foreground, Background, Orphan", FieldReasons.NotSupported));
        }
        else if (orphan is { } keep)
        {
            propagation = keep ? Propagation.Orphan : Propagation.Background;
        }

        var grace = body.GracePeriodSeconds ?? query.GracePeriodSeconds;
        if (grace < 0) errors.Add(new FieldError("gracePeriodSeconds", $"Invalid value {grace}: must be 0 or more", FieldReasons.Invalid));
        if (body.DryRun?.FirstOrDefault(one => one != "All") is { } unknown)
            errors.Add(new FieldError("dryRun", $"Unsupported value \"{unknown}\": must be All", FieldReasons.NotSupported));
        if (errors.Count > 0) return (null, new ApiError(ErrorReason.Invalid, $"DeleteOptions is invalid: {string.Join("; ", errors)}", errors));
        return (new DeleteOptions(
            grace, body.Preconditions?.Uid ?? "", body.Preconditions?.ResourceVersion ?? "", query.DryRun || body.DryRun?.Count > 0, Propagation: propagation), null);
    }
}
