using Orchestrator.Api.V1;
using Spectre.Console;

namespace Orchestrator.Cli.Launching;

/// <summary>
/// Tells on standard error how a workload is coming along: at a terminal one line that moves, elsewhere a line for
/// each thing that is new.
/// </summary>
internal abstract class LaunchProgress : IAsyncDisposable
{
    /// <summary>The last that was told, for errors.</summary>
    public string Last { get; private set; } = "not yet seen";

    public static LaunchProgress For(CommandEnvironment environment, Workload workload) =>
        environment.Decorate ? new LiveProgress(environment, workload) : new PlainProgress(environment, workload);

    public async Task TellAsync(SubmitProgress step)
    {
        var text = Text(step);
        if (text != Last || step.Done) await ShowAsync(step, text);
        Last = text;
    }

    /// <summary>Of the last step: it runs, or has ended well.</summary>
    public static bool IsGood(SubmitProgress step) => step.Phase is "Running" or "Succeeded" or "Stopped" && step.Reason != "Deleted";

    public abstract ValueTask DisposeAsync();

    protected abstract Task ShowAsync(SubmitProgress step, string text);

    private static string Text(SubmitProgress step)
    {
        var text = step.Phase;
        if (step.NodeName.Length > 0) text += $" on {step.NodeName}";
        if (step.Reason.Length > 0) text += $": {step.Reason}";
        if (step.Message.Length > 0) text += step.Reason.Length > 0 ? $" ({step.Message})" : $": {step.Message}";
        return text;
    }

    private sealed class PlainProgress(CommandEnvironment environment, Workload workload) : LaunchProgress
    {
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        protected override Task ShowAsync(SubmitProgress step, string text) =>
            environment.Error.WriteLineAsync($"{workload.DisplayName}: {text}");
    }

    private sealed class LiveProgress : LaunchProgress
    {
        private readonly TaskCompletionSource _ended = new();
        private readonly TaskCompletionSource<StatusContext> _context = new();
        private readonly IAnsiConsole _console;
        private readonly Task _showing;
        private readonly Workload _workload;
        private (string Text, bool Good)? _final;

        public LiveProgress(CommandEnvironment environment, Workload workload)
        {
            _workload = workload;
            _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Error) });
            _showing = _console.Status().StartAsync(Markup.Escape(workload.DisplayName), async context =>
            {
                _context.SetResult(context);
                await _ended.Task;
            });
        }

        public override async ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            await _showing;
            if (_final is not var (text, good)) return;
            _console.MarkupLine($"[{(good ? "green" : "red")}]{(good ? "✔" : "✘")}[/] {Markup.Escape($"{_workload.DisplayName}: {text}")}");
        }

        protected override async Task ShowAsync(SubmitProgress step, string text)
        {
            if (step.Done) _final = (text, IsGood(step));
            (await _context.Task).Status(Markup.Escape($"{_workload.DisplayName}: {text}"));
        }
    }
}
