using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Objects.Reading;
using Orchestrator.Silo.Objects.Selectors;
using ApiObject = Orchestrator.Api.V1.Object;

namespace Orchestrator.Silo.Api;

/// <summary>The gRPC door to all objects. It translates; what requests mean is the pipeline's and the reader's.</summary>
internal sealed class ObjectsService(
    ObjectPipeline pipeline, ObjectReader reader, ObjectCache cache, ObjectForms forms, IHostApplicationLifetime lifetime) : Orchestrator.Api.V1.Objects.ObjectsBase
{
    /// <summary>Whom changes belong to whose caller names no manager.</summary>
    private const string Manager = "orc";

    public override async Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context)
    {
        var objects = RequestManifests.Read(cache.Served, request.Manifest, request.DefaultNamespace, defaults: false);
        var manager = request.FieldManager.Length > 0 ? request.FieldManager : Manager;
        var response = new ApplyResponse();
        for (var i = 0; i < objects.Count; i++)
        {
            var id = request.RequestId.Length == 0 ? "" : $"{request.RequestId}/{i}";
            var options = new RequestOptions(request.DryRun, id, manager, request.Force);
            var result = await pipeline.Apply(objects[i].Kind, objects[i].Message, statusOnly: false, options, context.CancellationToken);
            if (!result.Succeeded) throw At(result.Error, objects[i], response.Applied.Count, objects.Count).ToException();
            response.Applied.Add(new Applied { Outcome = OutcomeOf(result.Outcome), Object = Answer(result, request.Form) });
        }

        return response;
    }

    public override async Task<ApiObject> Create(CreateRequest request, ServerCallContext context)
    {
        var obj = RequestManifests.ReadOne(cache.Served, request.Manifest, request.DefaultNamespace);
        var options = new RequestOptions(request.DryRun, request.RequestId, Manager);
        return Answer(await pipeline.Create(obj.Kind, obj.Message, options, context.CancellationToken), request.Form);
    }

    public override Task<ApiObject> Update(UpdateRequest request, ServerCallContext context) => Update(request, statusOnly: false, context);

    public override Task<ApiObject> UpdateStatus(UpdateRequest request, ServerCallContext context) => Update(request, statusOnly: true, context);

    public override async Task<ApiObject> Patch(PatchRequest request, ServerCallContext context)
    {
        var kind = KindOf(request.Resource);
        var key = KeyOf(kind, request.Namespace, request.Name);
        var options = new RequestOptions(request.DryRun, request.RequestId, Manager);
        var (patch, error) = ObjectPatch.Read(PatchType.Merge, request.Patch.Memory, FieldValidation.Strict);
        if (patch is null) throw error!.ToException();
        return Answer(await pipeline.Patch(key, kind, patch, statusOnly: false, options, context.CancellationToken), request.Form);
    }

    public override Task<ApiObject> Get(GetRequest request, ServerCallContext context)
    {
        var kind = KindOf(request.Resource);
        var key = KeyOf(kind, request.Namespace, request.Name);
        var obj = cache.Find(key)?.In(kind) ?? throw ApiError.NotFound(kind, request.Name).ToException();
        return Task.FromResult(forms.Render(obj, request.Form));
    }

    public override Task<ListResponse> List(ListRequest request, ServerCallContext context)
    {
        var kind = KindOf(request.Resource);
        var selection = Selection(kind, request.Namespace, "", request.LabelSelector, request.FieldSelector);
        var (page, error) = reader.List(kind, selection, new ListPosition(request.Limit, request.Continue));
        if (page is null) throw error!.ToException();
        var response = new ListResponse { ResourceVersion = page.Revision.ToString(), Continue = page.Continue };
        if (page.Remaining > 0) response.RemainingItemCount = page.Remaining;
        response.Items.AddRange(page.Items.Select(obj => forms.Render(obj, request.Form)));
        if (request.Form == Form.Table) response.Columns.AddRange(ObjectForms.Columns(kind));
        return Task.FromResult(response);
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchEvent> events, ServerCallContext context)
    {
        var kind = KindOf(request.Resource);
        var selection = Selection(kind, request.Namespace, request.Name, request.LabelSelector, request.FieldSelector);
        Revision? after = null;
        if (request.ResourceVersion is { Length: > 0 } text)
        {
            if (!Revision.TryParse(text, out var version))
                throw new ApiError(ErrorReason.BadRequest, $"resourceVersion: Invalid value \"{text}\": not a version of this server").ToException();
            after = version;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var columns = request.Form == Form.Table;
        try
        {
            await foreach (var change in reader.Watch(kind, selection, after, ending.Token))
            {
                if (change.Kind == WatchEventKind.Bookmark && !request.AllowBookmarks) continue;
                var message = new WatchEvent { Type = (WatchEvent.Types.Type)change.Kind, ResourceVersion = change.Revision.ToString() };
                if (change.Object is not null) message.Object = forms.Render(change.Object, request.Form);
                if (columns) message.Columns.AddRange(ObjectForms.Columns(kind));
                columns = false;
                await events.WriteAsync(message, ending.Token);
            }
        }
        catch (WatchGoneException gone)
        {
            throw new ApiError(ErrorReason.Gone, gone.Message).ToException();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (!context.CancellationToken.IsCancellationRequested) throw new ApiError(ErrorReason.ServiceUnavailable, "the silo is stopping: watch again").ToException();
        }
    }

    public override async Task<DeleteResponse> Delete(DeleteRequest request, ServerCallContext context)
    {
        var kind = KindOf(request.Resource);
        var options = new DeleteOptions(
            request.HasGracePeriodSeconds ? request.GracePeriodSeconds : null, request.Uid, request.ResourceVersion, request.DryRun, request.RequestId);
        var result = await pipeline.Delete(KeyOf(kind, request.Namespace, request.Name), kind, options, context.CancellationToken);
        if (!result.Succeeded) throw result.Error.ToException();
        return new DeleteResponse { Gone = result.Outcome == ObjectOutcome.Deleted, Uid = result.Object.Uid };
    }

    public override Task<KindsResponse> Kinds(KindsRequest request, ServerCallContext context) => Task.FromResult(new KindsResponse
    {
        ServerVersion = typeof(ObjectsService).Assembly.GetName().Version!.ToString(3),
        Kinds =
        {
            cache.Served.Resources.Select(kind => new KindInfo
            {
                Resource = new ResourceName { Group = kind.Resource.Group, Resource = kind.Resource.Plural },
                Version = kind.Rules.Version,
                Kind = kind.Name,
                Singular = kind.Rules.Singular,
                ShortNames = { kind.Rules.ShortNames },
                Namespaced = kind.Namespaced,
                Categories = { kind.Rules.Categories },
            }),
        },
    });

    private async Task<ApiObject> Update(UpdateRequest request, bool statusOnly, ServerCallContext context)
    {
        var obj = RequestManifests.ReadOne(cache.Served, request.Manifest, request.DefaultNamespace);
        var options = new RequestOptions(request.DryRun, request.RequestId, Manager);
        return Answer(await pipeline.Update(obj.Kind, obj.Message, statusOnly, options, context.CancellationToken), request.Form);
    }

    private ApiObject Answer(ObjectResult result, Form form)
    {
        if (!result.Succeeded) throw result.Error.ToException();
        var rendered = forms.Render(result.Object, form);
        rendered.Warnings.AddRange(result.Warnings);
        return rendered;
    }

    private Kind KindOf(ResourceName? name)
    {
        var resource = new ResourceId(name?.Group ?? "", name?.Resource ?? "");
        return cache.Served.Find(resource) ?? throw ApiError.UnknownResource(resource).ToException();
    }

    private static ObjectKey KeyOf(Kind kind, string ns, string name)
    {
        if (name.Length == 0) throw new ApiError(ErrorReason.BadRequest, "name: Required value: the object's name").ToException();
        if (kind.Namespaced && ns.Length == 0) throw new ApiError(ErrorReason.BadRequest, $"namespace: Required value: {kind.Name} lives in a namespace").ToException();
        return new ObjectKey(kind.Resource, kind.Namespaced ? ns : "", name);
    }

    private static ObjectSelection Selection(Kind kind, string ns, string name, string labels, string fields) =>
        ObjectSelection.TryParse(kind, ns, name, labels, fields, out var selection, out var error) ? selection : throw error.ToException();

    /// <summary>Says which document failed, and how many before it were applied.</summary>
    private static ApiError At(ApiError error, DecodedObject obj, int applied, int total)
    {
        if (obj.Source.Length == 0 && total == 1) return error;
        var placed = RequestManifests.At(error, obj);
        return applied > 0 ? placed with { Message = $"{placed.Message} ({applied} of {total} objects before it were applied)" } : placed;
    }

    private static Applied.Types.Outcome OutcomeOf(ObjectOutcome outcome) => outcome switch
    {
        ObjectOutcome.Created => Applied.Types.Outcome.Created,
        ObjectOutcome.Configured => Applied.Types.Outcome.Configured,
        _ => Applied.Types.Outcome.Unchanged,
    };
}
