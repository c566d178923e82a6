using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Access;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary><c>SelfSubjectAccessReview</c>: whether the caller may do what he asks about. Nothing is stored.</summary>
internal static class AccessReview
{
    public static async Task Answer(HttpContext http, Caller caller)
    {
        var (bytes, error) = await RequestBody.Read(http.Request, http.RequestAborted);
        if (error is not null)
        {
            await http.Refuse(error);
            return;
        }

        if (Parse(bytes) is not { } review || review["spec"] is not JsonObject spec)
        {
            await http.Refuse(new ApiError(ErrorReason.BadRequest, "SelfSubjectAccessReview in the request can't be read: spec: Required value: an object"));
            return;
        }

        // A URL that names no object (nonResourceAttributes) has no rules of its own.
        var about = spec["resourceAttributes"] as JsonObject ?? [];
        var refusal = AccessRules.Refuse(caller, new Attempt(
            Text(about, "verb"), Text(about, "group"), Text(about, "resource"), Text(about, "subresource"), Text(about, "namespace"), Text(about, "name")));
        review["status"] = new JsonObject { ["allowed"] = refusal is null, ["reason"] = refusal?.Message ?? "" };
        await new Pieces().Add(JsonSerializer.SerializeToUtf8Bytes(review)).Send(http, StatusCodes.Status201Created);
    }

    private static JsonObject? Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonNode.Parse(bytes.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonObject about, string name) => about[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
