using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>Create, update and patch, of objects and of their status.</summary>
internal sealed class WriteVerbs(ObjectPipeline pipeline, ObjectAnswers answers)
{
    public async Task Create(RestCall call)
    {
        var (message, error) = await RequestBody.ReadObject(call);
        if (message is null) await call.Refuse(error!);
        else await Answer(call, await pipeline.Create(call.Kind, message, call.Options, call.Cancellation));
    }

    public async Task Update(RestCall call, bool statusOnly)
    {
        var (message, error) = await RequestBody.ReadObject(call);
        if (message is null) await call.Refuse(error!);
        else await Answer(call, await pipeline.Update(call.Kind, message, statusOnly, call.Options, call.Cancellation));
    }

    public async Task Patch(RestCall call, bool statusOnly)
    {
        var media = RequestBody.MediaType(call.Http.Request);
        if (media == ApplyType)
        {
            await Apply(call, statusOnly);
            return;
        }

        if (TypeOf(media) is not { } type || (type == PatchType.Strategic && call.Kind.Custom is not null))
        {
            // As in Kubernetes, lists of custom kinds have no strategy to merge by.
            var taken = call.Kind.Custom is null ? PatchTypes : PatchTypes[..^1];
            await call.Refuse(RequestBody.Unsupported(media, string.Join(", ", taken.Append(ApplyType))));
            return;
        }

        var (bytes, error) = await RequestBody.Read(call.Http.Request, call.Cancellation);
        if (error is null)
        {
            (var patch, error) = ObjectPatch.Read(type, bytes, call.Query.FieldValidation);
            if (patch is not null)
            {
                var result = await pipeline.Patch(call.Key, call.Kind, patch, statusOnly, call.Options, call.Cancellation);
                RequestBody.Warn(call.Http.Response, patch.Warnings);
                await Answer(call, result);
                return;
            }
        }

        await call.Refuse(error!);
    }

    private async Task Apply(RestCall call, bool statusOnly)
    {
        var (message, error) = call.Query.FieldManager.Length == 0
            ? (null, new ApiError(ErrorReason.Invalid, "fieldManager: Required value: is required for apply patch"))
            : await RequestBody.ReadApplied(call);
        if (message is null) await call.Refuse(error!);
        else await Answer(call, await pipeline.Apply(call.Kind, message, statusOnly, call.Options, call.Cancellation));
    }

    private const string ApplyType = "application/apply-patch+yaml";

    private static readonly string[] PatchTypes =
        ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];

    private static PatchType? TypeOf(string media) => Array.IndexOf(PatchTypes, media) is >= 0 and var index ? (PatchType)index : null;

    private Task Answer(RestCall call, ObjectResult result)
    {
        if (!result.Succeeded) return call.Refuse(result.Error);
        foreach (var warning in result.Warnings) call.Http.Response.Warn(warning);
        return answers.Send(call, result.Object, result.Outcome == ObjectOutcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
