using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Reading;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>Get and list.</summary>
internal sealed class ReadVerbs(ObjectCache cache, ObjectReader reader, ObjectAnswers answers)
{
    public Task Get(RestCall call)
    {
        if (call.Query.ResourceVersion is { Length: > 0 } text && Revision.TryParse(text, out var version) && version > cache.Revision)
            return call.Refuse(new ApiError(ErrorReason.Timeout, $"Too large resource version: {version}, current: {cache.Revision}"));
        return cache.Find(call.Key) is { } obj ? answers.Send(call, obj.In(call.Kind)) : call.Refuse(ApiError.NotFound(call.Kind, call.Path.Name));
    }

    public Task List(RestCall call)
    {
        var (selection, error) = call.Selection();
        if (selection is null) return call.Refuse(error!);
        var query = call.Query;
        var position = new ListPosition(query.Limit, query.Continue, query.ResourceVersion, query.ResourceVersionMatch);
        (var page, error) = reader.List(call.Kind, selection, position);
        return page is null ? call.Refuse(error!) : answers.Send(call, page);
    }
}
