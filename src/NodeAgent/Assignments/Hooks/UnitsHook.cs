using Orchestrator.NodeAgent.Assignments.Status;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The containers of a pod, the guest of a machine: starts what shall run, restarts what ended, ends what shall not.</summary>
internal sealed class UnitsHook(StepGate gate, UnitImages images) : IWorkloadHook
{
    private static readonly TimeSpan RetryStartAfter = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, (int Attempt, DateTimeOffset NotBefore)> _failedStarts = [];
    private readonly Dictionary<string, int> _toldBackOff = [];
    private bool _toldOverdue;

    public string Name => "units";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        TellOverdue(context);
        DateTimeOffset? lookAgain = null;
        foreach (var unit in context.Desired!.Units)
        {
            var next = context.Step(unit) switch
            {
                UnitStep.Start start => await StartAsync(context, unit, start, cancellation),
                UnitStep.Wait wait => WaitFor(context, unit, wait),
                UnitStep.Stop stop => await StopAsync(context, stop, cancellation),
                _ => Leave(context, unit),
            };
            if (lookAgain is null || next < lookAgain) lookAgain = next ?? lookAgain;
            context.Publish();
        }

        if (context.Snapshot.Environment == EnvironmentState.Ready && UnitOrder.IsFinished(context.Desired!, context.Snapshot, context.Now))
            await ReleaseAsync(context, cancellation);
        return HookResult.DoneUntil(lookAgain);
    }

    public async Task TeardownAsync(WorkloadContext context, CancellationToken cancellation)
    {
        var (grace, since) = (context.Desired?.Grace ?? context.Snapshot.Grace, context.Now);
        foreach (var group in StopOrder.Groups(context.Desired, context.Snapshot))
        {
            var left = StopOrder.Left(grace, context.Now - since);
            foreach (var run in group) context.Normal("Killing", $"Stopping {Noun(context)} {run.Unit}", run.Unit);
            await Task.WhenAll(group.Select(run => context.Driver.StopAsync(context.Id, run, left, cancellation)));
            await context.RefreshAsync(cancellation);
            context.Publish();
        }
    }

    private async Task<DateTimeOffset?> StartAsync(WorkloadContext context, DesiredUnit unit, UnitStep.Start step, CancellationToken cancellation)
    {
        if (_failedStarts.TryGetValue(unit.Name, out var failed) && failed.Attempt == step.Attempt && context.Now < failed.NotBefore)
            return failed.NotBefore;
        var image = await images.ProvideAsync(context, unit, cancellation);
        if (image.Image is not { } found) return image.LookAgainAt;
        List<ImageId> more = [];
        foreach (var name in unit.MoreImages)
        {
            var other = await images.ProvideAsync(context, unit with { Image = name }, cancellation);
            if (other.Image is not { } present) return other.LookAgainAt;
            more.Add(present);
        }

        var start = new UnitStart(context.Desired!, context.Snapshot, unit, found, step.Attempt, step.BackOffStep) { MoreImages = more };
        var outcome = await gate.RunAsync(token => context.Driver.StartAsync(start, token), cancellation);
        await context.RefreshAsync(cancellation);
        if (outcome.Failed)
        {
            context.Warn("Failed", $"Error: {outcome.Message}", unit.Name);
            context.Notes[unit.Name] = new UnitNote(outcome.Reason, outcome.Message);
            _failedStarts[unit.Name] = (step.Attempt, context.Now + RetryStartAfter);
            return context.Now + RetryStartAfter;
        }

        context.Notes.Remove(unit.Name);
        _failedStarts.Remove(unit.Name);
        context.Normal("Created", $"Created {Noun(context)} {unit.Name}", unit.Name);
        context.Normal("Started", $"Started {Noun(context)} {unit.Name}", unit.Name);
        return null;
    }

    private DateTimeOffset? WaitFor(WorkloadContext context, DesiredUnit unit, UnitStep.Wait wait)
    {
        var message = $"back-off {wait.Delay.TotalSeconds:0}s restarting failed {Noun(context)}={unit.Name} "
            + $"{(context.Id.Kind == WorkloadKind.Pod ? "pod" : "vm")}={context.Id.Name}_{context.Id.Namespace}({context.Id.Uid})";
        context.Notes[unit.Name] = new UnitNote("CrashLoopBackOff", message);
        if (!_toldBackOff.TryGetValue(unit.Name, out var told) || told != wait.Run.Attempt)
            context.Warn("BackOff", $"Back-off restarting failed {Noun(context)} {unit.Name} in {context.Id}", unit.Name);
        _toldBackOff[unit.Name] = wait.Run.Attempt;
        return wait.Until;
    }

    private static async Task<DateTimeOffset?> StopAsync(WorkloadContext context, UnitStep.Stop stop, CancellationToken cancellation)
    {
        context.Normal("Killing", $"Stopping {Noun(context)} {stop.Run.Unit}: {stop.Why}", stop.Run.Unit);
        await context.Driver.StopAsync(context.Id, stop.Run, stop.Grace ?? context.Desired!.Grace, cancellation);
        await context.RefreshAsync(cancellation);
        return context.Now;
    }

    private void TellOverdue(WorkloadContext context)
    {
        if (_toldOverdue || !UnitOrder.IsOverdue(context.Desired!, context.Snapshot, context.Now)) return;
        _toldOverdue = true;
        // An earlier agent told of a pod that has failed already.
        if (context.Desired!.Pod!.Status?.Phase != "Failed") context.Normal(PodStatusRules.DeadlineExceeded, PodStatusRules.OverdueMessage);
    }

    private static DateTimeOffset? Leave(WorkloadContext context, DesiredUnit unit)
    {
        context.Notes.Remove(unit.Name);
        return null;
    }

    private static async Task ReleaseAsync(WorkloadContext context, CancellationToken cancellation)
    {
        await context.Driver.ReleaseAsync(context.Snapshot, cancellation);
        await context.RefreshAsync(cancellation);
        context.Publish();
    }

    private static string Noun(WorkloadContext context) => context.Id.Kind == WorkloadKind.Pod ? "container" : "machine";
}
