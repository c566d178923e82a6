using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Workloads;
using Orleans.Placement;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// Plans what has no host. A pass takes what the queue lets it try, plans it as one batch and offers each host its part; what a host
/// refuses is planned again with the newer view, what fits nowhere waits for an event that can help. The order, the pauses and the
/// events are the queue's (<see cref="SchedulingQueue"/>).
/// </summary>
[RandomPlacement]
internal sealed class SchedulerGrain : Grain, ISchedulerGrain
{
    public const string Default = "default-scheduler";
    private const int MostInAPass = 2_000;
    private const int RefusalsBeforeTelling = 5;
    private static readonly TimeSpan SafetyRetry = TimeSpan.FromSeconds(30);

    private readonly ObjectCache _cache;
    private readonly ObjectEditor _editor;
    private readonly Assignments _assignments;
    private readonly EventRecorder _events;
    private readonly SchedulingMetrics _metrics;
    private readonly RoomMaking _rooms;
    private readonly GroupPromises _promises;
    private readonly PlanSettings _settings;
    private readonly TimeProvider _time;
    private readonly ClusterView _view;
    private readonly SchedulingQueue _queue = new();
    private readonly Dictionary<ObjectKey, string?> _traces = [];
    private IGrainTimer? _pass;

    public SchedulerGrain(
        ObjectCache cache, ObjectEditor editor, Assignments assignments, WorkloadSources sources, EventRecorder events, SchedulingMetrics metrics,
        RoomMaking rooms, IOptions<SchedulingOptions> options, TimeProvider time)
    {
        _cache = cache;
        _editor = editor;
        _assignments = assignments;
        _events = events;
        _metrics = metrics;
        _rooms = rooms;
        _settings = options.Value.Settings();
        _time = time;
        _view = new ClusterView(cache, assignments, sources);
        // A promise that can't be given back ends by itself.
        _promises = new GroupPromises(
            (host, placements) => Ask(host, placements, (grain, requests) => grain.Hold(requests)),
            (host, placements) => Ask(host, placements, async (grain, requests) =>
            {
                await grain.Release(requests);
                return [];
            }));
    }

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _pass = this.RegisterGrainTimer(Pass, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        this.RegisterGrainTimer(
            () => Happened((int)ClusterEvents.Anything), new GrainTimerCreationOptions(SafetyRetry, SafetyRetry) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public Task Enqueue(string[] keys)
    {
        foreach (var key in keys.Select(ObjectKey.Parse))
        {
            if (_cache.Find(key) is not { } workload) continue;
            var metadata = workload.Metadata;
            var group = metadata.Labels.GetValueOrDefault(WorkloadView.GroupLabel, "");
            if (_traces.TryAdd(key, Activity.Current?.Id) && group.Length > 0) _queue.Happened(ClusterEvents.GroupChanged);
            _queue.Add(
                key, HashCode.Combine(metadata.Uid, metadata.Generation), WorkloadState.PriorityOf(workload), metadata.CreationTimestamp.Seconds, group);
        }

        return StartPass();
    }

    public Task Forget(string key, string uid)
    {
        var gone = ObjectKey.Parse(key);
        if (_cache.Find(gone) is null) Leave(gone);
        return Task.CompletedTask;
    }

    public Task Happened(int events)
    {
        _queue.Happened((ClusterEvents)events);
        return StartPass();
    }

    public Task<byte[]> Explain(string key)
    {
        if (_cache.Find(ObjectKey.Parse(key)) is not { } workload) return Task.FromResult(Array.Empty<byte>());
        var explanation = Planner.Explain(_view.Refresh(), _assignments.View(workload), _settings);
        return Task.FromResult(ExplanationText.Describe(WorkloadState.Of(workload).Host, explanation).ToByteArray());
    }

    public Task<byte[]> Plan(Trial[] trials)
    {
        var snapshot = _view.Refresh().With(new Budgets(_cache).Read());
        return Task.FromResult(new TrialPlan(snapshot, _assignments, new Gangs(_cache, snapshot), _settings).Of(trials).ToByteArray());
    }

    private Task StartPass()
    {
        if (_queue.NextAt() is { } next) _pass?.Change(TimeSpan.FromMilliseconds(Math.Max(0, next - Now)), Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    private async Task Pass(CancellationToken cancellation)
    {
        using var activity = Traces.Source.StartActivity("scheduler.pass");
        var started = _time.GetTimestamp();
        var snapshot = _view.Refresh().With(new Budgets(_cache).Read());
        var pending = Pending(new Gangs(_cache, snapshot));
        activity?.SetTag("scheduler.pending", pending.Count);
        var plan = Planner.Plan(snapshot, pending, _settings);
        var (promised, refused) = await _promises.Ask(plan.Placements.Where(placement => placement.Workload.Gang is not null));
        var offers = plan.Placements.Where(placement => placement.Workload.Gang is null).Concat(promised).GroupBy(placement => placement.Host.Value);
        var answers = await Task.WhenAll(offers.Select(group => Offer(group.Key, group.ToArray())));
        foreach (var (placement, answer) in answers.SelectMany(pairs => pairs).Concat(refused)) await Settle(placement, answer);
        if (plan.Placements.Count > 0) _queue.Happened(ClusterEvents.WorkloadPlaced);
        foreach (var nomination in plan.Nominations) await _rooms.MakeRoom(nomination, cancellation);
        await Task.WhenAll(plan.Unplaced.Select(Wait));
        _metrics.Passed(plan.Placements.Count, plan.Unplaced.Count, _time.GetElapsedTime(started));
        await StartPass();
    }

    private List<WorkloadView> Pending(Gangs gangs)
    {
        var taken = _queue.Take(MostInAPass, Now);
        var pending = new List<WorkloadView>(taken.Count);
        foreach (var key in taken)
        {
            var workload = _cache.Find(key);
            if (workload is { Terminating: false } && WorkloadState.Of(workload) is { Bound: false, Ended: false } && View(workload) is { } view)
                pending.Add(gangs.Joined(view));
            else Leave(key);
        }

        return pending;
    }

    /// <summary>One object that can't be read must not stop all the others.</summary>
    private WorkloadView? View(StoredObject workload)
    {
        try
        {
            return _assignments.View(workload);
        }
        catch (FormatException broken)
        {
            _events.Record(workload, "Warning", "FailedScheduling", $"its requests can't be read: {broken.Message}", "scheduler", sameAs: "");
            return null;
        }
    }

    private async Task<IEnumerable<(Placement, BindAnswer)>> Offer(string host, Placement[] placements) =>
        placements.Zip(await Ask(host, placements, (grain, requests) => grain.Bind(requests)));

    private async Task<BindAnswer[]> Ask(string host, Placement[] placements, Func<IHostGrain, BindRequest[], Task<BindAnswer[]>> ask)
    {
        try
        {
            return await ask(GrainFactory.GetGrain<IHostGrain>(host), RequestsFor(placements));
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // Whether it is bound is unknown; if it is, the next pass finds that out.
            return Array.ConvertAll(placements, _ => new BindAnswer(BindOutcome.Unavailable, $"host {host} did not answer: {failure.Message}"));
        }
    }

    private BindRequest[] RequestsFor(Placement[] placements) => Array.ConvertAll(placements, placement =>
        new BindRequest(placement.Workload.Key.ToString(), placement.Workload.Uid, _traces.GetValueOrDefault(placement.Workload.Key)));

    private async Task Settle(Placement placement, BindAnswer answer)
    {
        var key = placement.Workload.Key;
        switch (answer.Outcome)
        {
            case BindOutcome.Bound:
                Leave(key);
                if (_cache.Find(key) is { } bound)
                    _events.Record(bound, "Normal", "Scheduled", $"Successfully assigned {key.Namespace}/{key.Name} to {placement.Host}", "scheduler");
                break;
            case BindOutcome.Obsolete:
                Leave(key);
                break;
            default:
                _metrics.Refused();
                if (_queue.Refused(key, Now) > RefusalsBeforeTelling || answer.Outcome == BindOutcome.Unavailable) await Tell(placement.Workload, answer.Reason);
                break;
        }
    }

    private void Leave(ObjectKey key)
    {
        _queue.Remove(key);
        _traces.Remove(key);
    }

    private Task Wait(Unplaced unplaced)
    {
        _queue.Unplaced(unplaced.Workload.Key, unplaced.HelpedBy, Now);
        return Tell(unplaced.Workload, unplaced.Reason);
    }

    /// <summary>The workload stays pending and says why: in its condition, and in one event that follows the latest reason.</summary>
    private async Task Tell(WorkloadView workload, string why)
    {
        var before = _cache.Find(workload.Key);
        var gated = workload.Gates.Count > 0;
        var reason = gated ? "SchedulingGated" : "Unschedulable";
        var after = workload.Key.Resource == WorkloadGrains.Pods.Resource
            ? await _editor.Edit<Pod>(workload.Key, workload.Uid, pod =>
                Conditions.Set((pod.Status ??= new PodStatus { Phase = "Pending" }).Conditions, Conditions.PodScheduled, false, reason, why, _time))
            : await _editor.Edit<VirtualMachine>(workload.Key, workload.Uid, vm =>
                Conditions.Set((vm.Status ??= new VirtualMachineStatus { Phase = "Pending" }).Conditions, Conditions.PodScheduled, false, reason, why, _time));
        if (!gated && after is not null && !ReferenceEquals(before, after))
            _events.Record(after, "Warning", "FailedScheduling", why, "scheduler", sameAs: "");
    }
}
