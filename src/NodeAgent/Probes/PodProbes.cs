using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>
/// The probes of one workload. Its runner has the answers put into each snapshot (<see cref="Judge"/>), so that all rules see one
/// picture, and keeps the loops in step with what runs (<see cref="FollowAsync"/>). The loops run beside it and ring when an answer changes.
/// </summary>
internal sealed class PodProbes(IWorkloadDriver driver, string hostAddress, StepGate gate, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, RunHealth> _health = [];
    private readonly Dictionary<(string Run, ProbeKind Kind), (Task Task, CancellationTokenSource Stop)> _loops = [];

    /// <summary>Called by any thread.</summary>
    public Action Changed { get; set; } = () => { };

    public WorkloadSnapshot Judge(DesiredWorkload? desired, WorkloadSnapshot seen)
    {
        if (desired?.Pod is not { } pod) return seen;
        return seen with
        {
            Runs = [.. seen.Runs.Select(run => run.State == UnitState.Running && Find(pod, run.Unit) is { } container
            ? HealthOf(pod, container, run).ApplyTo(run) : run)]
        };
    }

    /// <summary>Begins the loops that are due and ends those of runs that are over.</summary>
    /// <param name="failing">Hears of a container that its probe has begun to fail, in words; called by any thread.</param>
    public async Task FollowAsync(DesiredWorkload desired, WorkloadSnapshot seen, Action<string, string> failing)
    {
        // A bug in a loop is one of the workload's: it ends the process, as all do, and never passes unseen.
        foreach (var loop in _loops.Values.Where(loop => loop.Task.IsFaulted)) await loop.Task;
        var running = seen.Runs.Where(run => run.State == UnitState.Running).ToList();
        var ids = running.Select(run => run.Id).ToHashSet();
        foreach (var key in _loops.Keys.Where(key => !ids.Contains(key.Run)).ToList()) End(key);
        foreach (var gone in _health.Keys.Where(id => !ids.Contains(id)).ToList()) _health.Remove(gone);
        if (desired.Pod is not { } pod) return;
        var address = pod.Spec.HostNetwork ? hostAddress : seen.Addresses.FirstOrDefault() ?? "";
        foreach (var run in running)
        {
            if (Find(pod, run.Unit) is not { } container) continue;
            var health = HealthOf(pod, container, run);
            foreach (var (settings, probe) in ProbeSettings.Of(container))
                if (IsDue(settings.Kind, health) && !_loops.ContainsKey((run.Id, settings.Kind)))
                    Begin(settings, ProbeActions.Of(probe, container, run, address, driver as ICommandRunner, settings.Timeout), run, health, failing);
        }
    }

    /// <summary>Ends all loops: what is being torn down is asked no more.</summary>
    public void Stop()
    {
        foreach (var key in _loops.Keys.ToList()) End(key);
    }

    public void Dispose() => Stop();

    private static bool IsDue(ProbeKind kind, RunHealth health) => !health.Faulty && (kind == ProbeKind.Startup) != health.Started;

    private static Container? Find(Pod pod, string unit) => PodContainers.All(pod.Spec).FirstOrDefault(container => container.Name == unit);

    private RunHealth HealthOf(Pod pod, Container container, UnitRun run)
    {
        if (_health.TryGetValue(run.Id, out var known)) return known;
        var told = pod.Status?.InitContainerStatuses.Concat(pod.Status.ContainerStatuses)
            .FirstOrDefault(status => status.ContainerId.EndsWith(run.Id, StringComparison.Ordinal));
        return _health[run.Id] = new RunHealth(container, told);
    }

    private void Begin(ProbeSettings settings, IProbeAction action, UnitRun run, RunHealth health, Action<string, string> failing)
    {
        var stop = new CancellationTokenSource();
        var loop = new ProbeLoop(settings, action, gate, time);
        void Take(bool healthy)
        {
            health.Take(settings, healthy);
            Changed();
        }

        void Tell(string message) => failing(run.Unit, $"{settings.Kind} probe failed: {message}");
        var task = loop.RunAsync(run.StartedAt ?? time.GetUtcNow(), Take, Tell, stop.Token);
        _loops[(run.Id, settings.Kind)] = (task, stop);
    }

    private void End((string Run, ProbeKind Kind) key)
    {
        _loops.Remove(key, out var loop);
        loop.Stop.Cancel();
        loop.Stop.Dispose();
    }
}
