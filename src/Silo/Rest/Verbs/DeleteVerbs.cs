using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Reading;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>Deletes one object, or all that a selection means.</summary>
internal sealed class DeleteVerbs(ObjectPipeline pipeline, ObjectReader reader, ObjectAnswers answers)
{
    /// <summary>An object that is gone is answered by a status, one that is on its way out by the object.</summary>
    public async Task Delete(RestCall call)
    {
        var (options, error) = await DeletionBody.Read(call);
        if (options is null)
        {
            await call.Refuse(error!);
            return;
        }

        var result = await pipeline.Delete(call.Key, call.Kind, options, call.Cancellation);
        if (!result.Succeeded) await call.Refuse(result.Error);
        else if (result.Outcome == ObjectOutcome.Deleted) await call.Succeed(result.Object.Uid);
        else await answers.Send(call, result.Object);
    }

    /// <summary>Deletes what the selection holds now, one object after the other, and answers with the list of them.</summary>
    public async Task DeleteCollection(RestCall call)
    {
        var (options, error) = await DeletionBody.Read(call);
        if (options is null)
        {
            await call.Refuse(error!);
            return;
        }

        (var selection, error) = call.Selection();
        if (selection is null)
        {
            await call.Refuse(error!);
            return;
        }

        (var page, error) = reader.List(call.Kind, selection, new ListPosition(call.Query.Limit, call.Query.Continue, call.Query.ResourceVersion, call.Query.ResourceVersionMatch));
        foreach (var obj in page?.Items ?? [])
        {
            var result = await pipeline.Delete(obj.Key, call.Kind, options with { Uid = obj.Uid }, call.Cancellation);
            // What somebody else has deleted meanwhile, or replaced by another of its name, is none of our business.
            if (!result.Succeeded && result.Error.Reason is not (ErrorReason.NotFound or ErrorReason.Conflict)) error = result.Error;
        }

        if (error is not null) await call.Refuse(error);
        else await answers.Send(call, page!);
    }
}
