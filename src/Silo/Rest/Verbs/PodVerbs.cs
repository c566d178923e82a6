using Orchestrator.Agents.V1;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Rest.Answers;
using Orchestrator.Silo.Scheduling;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Rest.Verbs;

/// <summary>What is done with pods beyond reading and writing them. Streams pass through to the host's agent.</summary>
internal sealed class PodVerbs(Evictions evictions, ObjectCache cache, StreamRendezvous streams, TimeProvider time)
{
    public async Task Log(RestCall call)
    {
        var (query, error) = LogQuery.Read(call.Http.Request.Query, time.GetUtcNow());
        AgentStream? stream = null;
        if (error is null) (stream, error) = await Open(call, query);
        if (stream is null)
        {
            await call.Refuse(error!);
            return;
        }

        using var opened = stream;
        await Send(call, stream, query.LimitBytes ?? long.MaxValue);
    }

    /// <summary>Deletes the pod, unless a disruption budget refuses it.</summary>
    public async Task Evict(RestCall call)
    {
        var (options, error) = await DeletionBody.ReadEviction(call);
        if (options is null)
        {
            await call.Refuse(error!);
            return;
        }

        var result = await evictions.Evict(call.Key, options, call.Cancellation);
        if (result.Succeeded) await call.Succeed(result.Object.Uid);
        else await call.Refuse(result.Error);
    }

    private async Task<(AgentStream? Stream, ApiError? Error)> Open(RestCall call, LogQuery query)
    {
        var (found, error) = RunningWorkload.Find(cache, call.Kind, call.Path.Namespace, call.Path.Name);
        if (found is not { } pod) return (null, error);
        (var container, error) = pod.Container(query.Container);
        if (container is null) return (null, error);
        query.Target.Workload = Assignments.Reference(pod.Object.Key, pod.Object.Uid);
        query.Target.Container = container.Name;
        return await streams.Open(pod.Host, new OpenStream { Logs = query.Target }, call.Cancellation);
    }

    /// <summary>The answer begins with the first frame, so that what fails at once is an error and not an empty log.</summary>
    private static async Task Send(RestCall call, AgentStream stream, long limit)
    {
        var response = call.Http.Response;
        response.ContentType = "text/plain";
        await foreach (var frame in stream.Frames(call.Cancellation))
        {
            if (AgentErrors.Of(frame) is { } failed && !response.HasStarted)
            {
                await call.Refuse(failed);
                return;
            }

            if (frame.FrameCase != AgentFrame.FrameOneofCase.Stdout) continue;
            var part = frame.Stdout.Memory[..(int)Math.Min(frame.Stdout.Length, limit)];
            limit -= part.Length;
            await response.Body.WriteAsync(part, call.Cancellation);
            await response.Body.FlushAsync(call.Cancellation);
            if (limit == 0) return;
        }
    }
}
