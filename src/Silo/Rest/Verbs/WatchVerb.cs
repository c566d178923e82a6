using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Selectors;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>
/// A watch: one JSON object a line for each change, for as long as the client listens. Objects are sent as they stand in the cache; a
/// batch of changes is one flush.
/// </summary>
internal sealed class WatchVerb(ObjectCache cache, ObjectReader reader, ObjectAnswers answers, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";
    private const int FlushedAfter = 64 << 10;
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(30);

    private static readonly string[] Types = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"];
    private static readonly byte[][] Heads = [.. Types.Select(type => System.Text.Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":"))];

    public async Task Watch(RestCall call)
    {
        var (selection, error) = call.Selection();
        if (selection is null || Start(call.Query, out error) is not { } start)
        {
            await call.Refuse(error!);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, lifetime.ApplicationStopping);
        using var timeout = call.Query.TimeoutSeconds is { } seconds and > 0 ? new CancellationTokenSource(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000)), time) : null;
        using var expiring = timeout?.Token.Register(ending.Cancel);
        await using var changes = reader.Watch(call.Kind, selection, start.After, ending.Token).GetAsyncEnumerator(ending.Token);
        try
        {
            // A version that is gone shows before the first wait: then the answer is a plain refusal.
            var next = changes.MoveNextAsync();
            if (!next.IsFaulted) await Open(call.Http.Response, ending.Token);
            await Follow(call, changes, next, start.Announce, ending.Token);
        }
        catch (WatchGoneException gone)
        {
            var refusal = new ApiError(ErrorReason.Gone, gone.Message);
            if (!call.Http.Response.HasStarted) await call.Refuse(refusal);
            else await EndWith(call.Http.Response.BodyWriter, refusal, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client has gone, its time is over, or the silo stops: a watch ends without a word, and the client watches on.
        }
    }

    /// <summary>After which version to begin (null: with what exists), and whether the end of the initial events is announced.</summary>
    private (Revision? After, bool Announce)? Start(RestQuery query, out ApiError? error)
    {
        error = null;
        var version = Revision.None;
        if (query.ResourceVersion.Length > 0 && !Revision.TryParse(query.ResourceVersion, out version))
            error = new ApiError(ErrorReason.BadRequest, $"resourceVersion: Invalid value \"{query.ResourceVersion}\": not a version of this server");
        else if (query.SendInitialEvents is not null && query.ResourceVersionMatch != "NotOlderThan")
            error = new ApiError(ErrorReason.Forbidden, "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        else if (query.SendInitialEvents == true && version > cache.Revision)
            error = new ApiError(ErrorReason.Timeout, $"Too large resource version: {version}, current: {cache.Revision}");
        if (error is not null) return null;
        return query.SendInitialEvents switch
        {
            true => (null, query.AllowWatchBookmarks),
            false when version == Revision.None => (cache.Revision, false),
            _ => (version == Revision.None ? null : version, false),
        };
    }

    private async Task Follow(RestCall call, IAsyncEnumerator<WatchedChange> changes, ValueTask<bool> next, bool announce, CancellationToken cancellation)
    {
        var representation = Representation.Of(call.Http.Request);
        var output = call.Http.Response.BodyWriter;
        var (columns, marked) = (true, time.GetTimestamp());
        while (await next)
        {
            var change = changes.Current;
            if (change.Object is { } obj)
            {
                Write(output, Heads[(int)change.Kind], answers.Encode(call, obj, representation, columns).Span);
                columns = false;
            }
            else if (announce || (call.Query.AllowWatchBookmarks && time.GetElapsedTime(marked) > BookmarkEvery))
            {
                Write(output, Heads[(int)WatchEventKind.Bookmark], Bookmark(call, change.Revision, representation, announce).Span);
                (announce, marked) = (false, time.GetTimestamp());
            }

            // A bookmark stands at the end of each batch.
            if (change.Object is null || output.UnflushedBytes > FlushedAfter)
            {
                if (output.UnflushedBytes > 0 && (await output.FlushAsync(cancellation)).IsCompleted) return;
            }

            next = changes.MoveNextAsync();
        }
    }

    private static async Task Open(HttpResponse response, CancellationToken cancellation)
    {
        response.ContentType = Pieces.Json;
        await response.StartAsync(cancellation);
        await response.BodyWriter.FlushAsync(cancellation);
    }

    private static async Task EndWith(PipeWriter output, ApiError error, CancellationToken cancellation)
    {
        Write(output, "{\"type\":\"ERROR\",\"object\":"u8, StatusAnswer.Encode(error, default).Span);
        await output.FlushAsync(cancellation);
    }

    private static void Write(PipeWriter output, ReadOnlySpan<byte> head, ReadOnlySpan<byte> obj)
    {
        output.Write(head);
        output.Write(obj);
        output.Write("}\n"u8);
    }

    /// <summary>An object of the watched kind that has nothing but a version.</summary>
    private static ReadOnlyMemory<byte> Bookmark(RestCall call, Revision revision, Representation representation, bool initialEventsEnd)
    {
        var metadata = new ObjectMeta { ResourceVersion = revision.ToString() };
        if (initialEventsEnd) metadata.Annotations[InitialEventsEnd] = "true";
        return RestJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind", representation.Form switch { Form.Table => "Table", Form.MetadataOnly => "PartialObjectMetadata", _ => call.Kind.Name });
            writer.WriteString("apiVersion", representation.Form == Form.Objects ? call.Kind.ApiVersion : $"meta.k8s.io/{representation.Version}");
            writer.WritePropertyName("metadata");
            ObjectJson.Write(writer, metadata);
            writer.WriteEndObject();
        }, 256);
    }
}
