using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Tests.Fakes;

/// <summary>Workloads that answer what the test put in.</summary>
internal sealed class FakeWorkloads : Api.V1.Workloads.WorkloadsBase
{
    public List<SubmitRequest> Submitted { get; } = [];
    public List<SubmitProgress> Progress { get; } = [];
    public List<string> LogLines { get; } = [];
    public LogsRequest? LogsAsked { get; private set; }
    public ExecStart? ExecAsked { get; private set; }
    public ExecStart? AttachAsked { get; private set; }
    public int ExitCode { get; set; }

    /// <summary>The container has ended before anyone attaches.</summary>
    public bool NothingToAttachTo { get; set; }

    /// <summary>An exec with a terminal goes on until this.</summary>
    public TaskCompletionSource EndExec { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConsoleStart? ConsoleAsked { get; private set; }
    public ExplainResponse Explanation { get; set; } = new();
    public PlanRequest? PlanAsked { get; private set; }
    public PlanResponse Planned { get; set; } = new();

    /// <summary>The first Submit breaks after its first message.</summary>
    public bool SubmitBreaksOnce { get; set; }

    public override Task<PlanResponse> Plan(PlanRequest request, ServerCallContext context)
    {
        PlanAsked = request;
        return Task.FromResult(Planned);
    }

    public override async Task Submit(SubmitRequest request, IServerStreamWriter<SubmitProgress> answers, ServerCallContext context)
    {
        lock (Submitted) Submitted.Add(request);
        foreach (var step in Progress)
        {
            await answers.WriteAsync(step);
            if (SubmitBreaksOnce && Submitted.Count == 1) throw FakeObjects.Error(Code.Unavailable, "ServiceUnavailable", "the silo is stopping");
        }
    }

    public override async Task Logs(LogsRequest request, IServerStreamWriter<LogsChunk> chunks, ServerCallContext context)
    {
        LogsAsked = request;
        foreach (var line in LogLines) await chunks.WriteAsync(new LogsChunk { Data = ByteString.CopyFromUtf8(line) });
    }

    /// <summary>Echoes what is typed on stdout, and its command on stderr.</summary>
    public override async Task Exec(IAsyncStreamReader<ExecInput> input, IServerStreamWriter<ExecOutput> output, ServerCallContext context)
    {
        await input.MoveNext(context.CancellationToken);
        ExecAsked = input.Current.Start;
        await output.WriteAsync(new ExecOutput { Stderr = ByteString.CopyFromUtf8($"$ {string.Join(' ', ExecAsked.Command)}\n") });
        if (ExecAsked.Tty) await Task.WhenAny(Echo(), EndExec.Task);
        else await Echo();
        await output.WriteAsync(new ExecOutput { ExitCode = ExitCode });

        async Task Echo()
        {
            while (ExecAsked.Stdin && await input.MoveNext(context.CancellationToken) && !input.Current.EndOfStdin)
                await output.WriteAsync(new ExecOutput { Stdout = input.Current.Stdin });
        }
    }

    /// <summary>Input on which the container's process ends, besides the input's own end.</summary>
    public string EndAttach { get; set; } = "";

    /// <summary>Echoes what is typed.</summary>
    public override async Task Attach(IAsyncStreamReader<ExecInput> input, IServerStreamWriter<ExecOutput> output, ServerCallContext context)
    {
        await input.MoveNext(context.CancellationToken);
        AttachAsked = input.Current.Start;
        if (NothingToAttachTo) throw FakeObjects.Error(Code.InvalidArgument, "BadRequest", "container \"x\" is not running");
        while (AttachAsked.Stdin && await input.MoveNext(context.CancellationToken) && !input.Current.EndOfStdin)
        {
            await output.WriteAsync(new ExecOutput { Stdout = input.Current.Stdin });
            if (EndAttach.Length > 0 && input.Current.Stdin.ToStringUtf8().Contains(EndAttach, StringComparison.Ordinal)) return;
        }
    }

    /// <summary>A client has gone without a word.</summary>
    public TaskCompletionSource ForwardDropped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>At port 80 something shouts what it hears, and says BYE; nobody listens at others.</summary>
    public override async Task PortForward(IAsyncStreamReader<ForwardInput> input, IServerStreamWriter<ForwardOutput> output, ServerCallContext context)
    {
        await input.MoveNext(context.CancellationToken);
        var start = input.Current.Start;
        if (start.Port != 80) throw FakeObjects.Error(Code.Unavailable, "ServiceUnavailable", $"nothing listens at port {start.Port}");
        try
        {
            while (await input.MoveNext(context.CancellationToken))
                await output.WriteAsync(new ForwardOutput { Data = ByteString.CopyFromUtf8(input.Current.Data.ToStringUtf8().ToUpperInvariant()) });
            await output.WriteAsync(new ForwardOutput { Data = ByteString.CopyFromUtf8("BYE") });
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            ForwardDropped.TrySetResult();
        }
    }

    /// <summary>Prints a banner; with follow, echoes input and ends at a line "poweroff".</summary>
    public override async Task Console(IAsyncStreamReader<ConsoleInput> input, IServerStreamWriter<ConsoleOutput> output, ServerCallContext context)
    {
        await input.MoveNext(context.CancellationToken);
        ConsoleAsked = input.Current.Start;
        await output.WriteAsync(new ConsoleOutput { Data = ByteString.CopyFromUtf8("login: ") });
        var typed = "";
        while (ConsoleAsked.Follow && !typed.Contains("poweroff\n") && await input.MoveNext(context.CancellationToken))
        {
            typed += input.Current.Data.ToStringUtf8();
            await output.WriteAsync(new ConsoleOutput { Data = input.Current.Data });
        }
    }

    /// <summary>Each answer of a machine is the next of these, and the last again and again.</summary>
    public Queue<Orchestrator.Objects.VirtV1.MachineFigures> Figures { get; } = new();

    public override Task<MeasureResponse> Measure(MeasureRequest request, ServerCallContext context)
    {
        lock (Figures)
        {
            if (Figures.Count == 0) throw FakeObjects.Error(Code.Unavailable, "ServiceUnavailable", "host-1 is away");
            return Task.FromResult(new MeasureResponse { Figures = Figures.Count > 1 ? Figures.Dequeue() : Figures.Peek() });
        }
    }

    public override Task<ExplainResponse> Explain(ExplainRequest request, ServerCallContext context) => Task.FromResult(Explanation);
}
