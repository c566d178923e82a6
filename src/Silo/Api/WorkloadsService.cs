using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Scheduling;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Api;

/// <summary>The gRPC door to running workloads. Streams pass through to the host's agent; nothing is buffered here.</summary>
internal sealed class WorkloadsService(
    ObjectPipeline pipeline, ObjectCache cache, WorkloadProgress progress, StreamRendezvous streams, ContainerStreams containers, PortStreams ports,
    IGrainFactory grains)
    : Orchestrator.Api.V1.Workloads.WorkloadsBase
{
    public override async Task Submit(SubmitRequest request, IServerStreamWriter<SubmitProgress> answers, ServerCallContext context)
    {
        IMessage message = request.WorkloadCase switch
        {
            SubmitRequest.WorkloadOneofCase.Pod => request.Pod,
            SubmitRequest.WorkloadOneofCase.VirtualMachine => request.VirtualMachine,
            _ => throw new ApiError(ErrorReason.BadRequest, "workload: Required value: a pod or a virtual machine").ToException(),
        };
        var kind = KindCatalog.Of(message);
        Defaults.Apply(message);
        var created = await pipeline.Create(kind, message, new RequestOptions(RequestId: request.RequestId), context.CancellationToken);
        if (!created.Succeeded) throw created.Error.ToException();
        try
        {
            await foreach (var step in progress.Follow(created.Object, context.CancellationToken)) await answers.WriteAsync(step, context.CancellationToken);
        }
        catch (WatchGoneException gone)
        {
            throw new ApiError(ErrorReason.Gone, $"{created.Object.Key.Name} was created, but its progress can't be followed further: {gone.Message}").ToException();
        }
    }

    public override async Task Logs(LogsRequest request, IServerStreamWriter<LogsChunk> chunks, ServerCallContext context)
    {
        var pod = Running(WorkloadGrains.Pods, request.Namespace, request.Pod);
        var target = new LogsTarget
        {
            Workload = Assignments.Reference(pod.Object.Key, pod.Object.Uid),
            Container = ContainerOf(pod, request.Container).Name,
            Follow = request.Follow,
            Previous = request.Previous,
            Timestamps = request.Timestamps,
        };
        if (request.HasTailLines) target.TailLines = request.TailLines;
        if (request.HasSinceSeconds) target.SinceSeconds = request.SinceSeconds;
        using var stream = await Open(pod.Host, new OpenStream { Logs = target }, context);
        await foreach (var frame in stream.Frames(context.CancellationToken))
        {
            ThrowIfFailed(frame);
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Stdout) await chunks.WriteAsync(new LogsChunk { Data = frame.Stdout }, context.CancellationToken);
        }
    }

    public override async Task Exec(IAsyncStreamReader<ExecInput> input, IServerStreamWriter<ExecOutput> output, ServerCallContext context)
    {
        var start = await StartOf(input, context);
        using var stream = await Opened(containers.Exec(RequestOf(start), context.CancellationToken));
        await Converse(input, output, stream, context);
    }

    public override async Task Attach(IAsyncStreamReader<ExecInput> input, IServerStreamWriter<ExecOutput> output, ServerCallContext context)
    {
        var start = await StartOf(input, context);
        using var stream = await Opened(containers.Attach(RequestOf(start), context.CancellationToken));
        await Converse(input, output, stream, context);
    }

    private static async Task<ExecStart> StartOf(IAsyncStreamReader<ExecInput> input, ServerCallContext context)
        => await input.MoveNext(context.CancellationToken) && input.Current.Start is { } start
            ? start
            : throw new ApiError(ErrorReason.BadRequest, "start: Required value: the first message says which container").ToException();

    private static ContainerRequest RequestOf(ExecStart start) => new(
        start.Namespace, start.Pod, start.Container, start.Command, start.Stdin, start.Tty, start.Size?.Columns ?? 0, start.Size?.Rows ?? 0);

    private static async Task<AgentStream> Opened(Task<(AgentStream? Stream, ApiError? Error)> opening)
    {
        var (stream, error) = await opening;
        return stream ?? throw error!.ToException();
    }

    private static Task Converse(IAsyncStreamReader<ExecInput> input, IServerStreamWriter<ExecOutput> output, AgentStream stream, ServerCallContext context)
        => Exchange(input, stream, ToFrame, context, async frame =>
        {
            switch (frame.FrameCase)
            {
                case AgentFrame.FrameOneofCase.Stdout:
                    await output.WriteAsync(new ExecOutput { Stdout = frame.Stdout }, context.CancellationToken);
                    break;
                case AgentFrame.FrameOneofCase.Stderr:
                    await output.WriteAsync(new ExecOutput { Stderr = frame.Stderr }, context.CancellationToken);
                    break;
                case AgentFrame.FrameOneofCase.ExitCode:
                    await output.WriteAsync(new ExecOutput { ExitCode = frame.ExitCode }, context.CancellationToken);
                    break;
            }
        });

    public override async Task Console(IAsyncStreamReader<ConsoleInput> input, IServerStreamWriter<ConsoleOutput> output, ServerCallContext context)
    {
        if (!await input.MoveNext(context.CancellationToken) || input.Current.Start is not { } start)
            throw new ApiError(ErrorReason.BadRequest, "start: Required value: the first message says which machine").ToException();
        var machine = Running(WorkloadGrains.Machines, start.Namespace, start.VirtualMachine);
        var target = new ConsoleTarget { Workload = Assignments.Reference(machine.Object.Key, machine.Object.Uid), Follow = start.Follow };
        if (start.HasScrollbackBytes) target.ScrollbackBytes = start.ScrollbackBytes;
        using var stream = await Open(machine.Host, new OpenStream { Console = target }, context);
        await Exchange(input, stream, message => message.InputCase == ConsoleInput.InputOneofCase.Data ? new SiloFrame { Stdin = message.Data } : null, context, async frame =>
        {
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Stdout) await output.WriteAsync(new ConsoleOutput { Data = frame.Stdout }, context.CancellationToken);
        });
    }

    public override async Task PortForward(IAsyncStreamReader<ForwardInput> input, IServerStreamWriter<ForwardOutput> output, ServerCallContext context)
    {
        if (!await input.MoveNext(context.CancellationToken) || input.Current.Start is not { } start)
            throw new ApiError(ErrorReason.BadRequest, "start: Required value: the first message says which workload and port").ToException();
        var (kind, name) = start.WorkloadCase == ForwardStart.WorkloadOneofCase.VirtualMachine ? (WorkloadGrains.Machines, start.VirtualMachine) : (WorkloadGrains.Pods, start.Pod);
        using var stream = await Opened(ports.Open(kind, start.Namespace, name, start.Port, context.CancellationToken));
        await Exchange(input, stream, message => message.InputCase == ForwardInput.InputOneofCase.Data ? new SiloFrame { Stdin = message.Data } : null, context, async frame =>
        {
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Stdout) await output.WriteAsync(new ForwardOutput { Data = frame.Stdout }, context.CancellationToken);
        });
    }

    public override async Task<MeasureResponse> Measure(MeasureRequest request, ServerCallContext context)
    {
        var machine = Running(WorkloadGrains.Machines, request.Namespace, request.VirtualMachine);
        var target = new FiguresTarget { Workload = Assignments.Reference(machine.Object.Key, machine.Object.Uid) };
        using var stream = await Open(machine.Host, new OpenStream { Figures = target }, context);
        await foreach (var frame in stream.Frames(context.CancellationToken))
        {
            ThrowIfFailed(frame);
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Figures) return new MeasureResponse { Figures = frame.Figures };
        }

        throw new ApiError(ErrorReason.ServiceUnavailable, $"{machine.Host} ended the call without figures").ToException();
    }

    public override async Task<ExplainResponse> Explain(ExplainRequest request, ServerCallContext context)
    {
        var resource = new ResourceId(request.Resource?.Group ?? "", request.Resource?.Resource ?? "");
        var kind = KindCatalog.Find(resource) ?? throw ApiError.UnknownResource(resource).ToException();
        if (!WorkloadGrains.IsWorkload(kind)) throw new ApiError(ErrorReason.BadRequest, $"{kind.Name} is not scheduled: explain takes pods and virtualmachines").ToException();
        var key = new ObjectKey(resource, request.Namespace, request.Name);
        var answer = await grains.GetGrain<ISchedulerGrain>(SchedulerGrain.Default).Explain(key.ToString());
        return answer.Length > 0 ? ExplainResponse.Parser.ParseFrom(answer) : throw ApiError.NotFound(kind, request.Name).ToException();
    }

    public override async Task<PlanResponse> Plan(PlanRequest request, ServerCallContext context)
    {
        var trials = new TrialWorkloads(pipeline, cache);
        var others = new Dictionary<string, int>();
        foreach (var obj in request.Manifests.SelectMany(manifest => RequestManifests.Read(cache.Served, manifest, request.DefaultNamespace)))
        {
            var (made, error) = await trials.Add(obj, context.CancellationToken);
            if (error is not null) throw (obj.Source.Length > 0 ? RequestManifests.At(error, obj) : error).ToException();
            if (made == 0) others[obj.Kind.Name] = others.GetValueOrDefault(obj.Kind.Name) + 1;
        }

        var answer = await grains.GetGrain<ISchedulerGrain>(SchedulerGrain.Default).Plan([.. trials.All]);
        var response = PlanResponse.Parser.ParseFrom(answer);
        response.Others.Add(others);
        return response;
    }

    /// <summary>Both directions at once, until the agent's side ends. The client's side may end earlier.</summary>
    private static async Task Exchange<TInput>(
        IAsyncStreamReader<TInput> input, AgentStream stream, Func<TInput, SiloFrame?> translate, ServerCallContext context, Func<AgentFrame, Task> take)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var sending = Send();
        try
        {
            await foreach (var frame in stream.Frames(ended.Token))
            {
                ThrowIfFailed(frame);
                await take(frame);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task Send()
        {
            while (await input.MoveNext(ended.Token))
            {
                if (translate(input.Current) is { } frame) await stream.Send(frame, ended.Token);
            }

            await stream.Send(new SiloFrame { EndOfStdin = true }, ended.Token);
        }
    }

    private static SiloFrame? ToFrame(ExecInput input) => input.InputCase switch
    {
        ExecInput.InputOneofCase.Stdin => new SiloFrame { Stdin = input.Stdin },
        ExecInput.InputOneofCase.EndOfStdin => new SiloFrame { EndOfStdin = true },
        ExecInput.InputOneofCase.Resize => new SiloFrame { Resize = new Resize { Columns = input.Resize.Columns, Rows = input.Resize.Rows } },
        _ => null,
    };

    private RunningWorkload Running(Kind kind, string ns, string name)
    {
        var (found, error) = RunningWorkload.Find(cache, kind, ns, name);
        return found ?? throw error!.ToException();
    }

    private static Container ContainerOf(RunningWorkload pod, string wanted)
    {
        var (container, error) = pod.Container(wanted);
        return container ?? throw error!.ToException();
    }

    private Task<AgentStream> Open(string host, OpenStream request, ServerCallContext context) => Opened(streams.Open(host, request, context.CancellationToken));

    private static void ThrowIfFailed(AgentFrame frame)
    {
        if (AgentErrors.Of(frame) is { } error) throw error.ToException();
    }
}
