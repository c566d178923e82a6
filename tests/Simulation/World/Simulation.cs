using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;
using Orchestrator.Simulation.Load;
using Orchestrator.Simulation.Quality;

namespace Orchestrator.Simulation.World;

/// <summary>
/// A cluster that does not exist, with the scheduler that does: hosts and workloads come, fail and end at moments that the load and the
/// faults say, and real plans are made and carried out. The same options give the same cluster, whatever the machine.
/// </summary>
internal sealed class Simulation
{
    private const long EndingMilliseconds = 2_000;
    private const long SafetyRetryMilliseconds = 30_000;

    private readonly SimulatedScheduler[] _schedulers;
    private readonly bool _contending;
    private readonly HashSet<string> _ending = [];
    private readonly Dictionary<string, (Arrival Arrival, long At)> _lifetimes = [];
    private long _created;

    /// <param name="settings">How hosts are ranked.</param>
    /// <param name="schedulers">How many plan at once.</param>
    /// <param name="contending">All of them try every workload, and the fastest has it; otherwise each has its share.</param>
    /// <param name="retries">Everything that waits is tried again now and then, in case no event said that it may fit.</param>
    public Simulation(PlanSettings settings, int schedulers = 1, bool contending = false, bool retries = true)
    {
        _contending = contending;
        _schedulers = [.. Enumerable.Range(0, schedulers).Select(_ => new SimulatedScheduler(this, settings))];
        if (retries) Time.At(SafetyRetryMilliseconds, Retry);
    }

    public Timeline Time { get; } = new();

    public Cluster Cluster { get; } = new();

    public Figures Figures { get; } = new();

    /// <summary>Looks at the cluster after everything that happened.</summary>
    public Action? Watcher { get; init; }

    public void Run(long until)
    {
        while (Time.Step(until)) Watcher?.Invoke();
    }

    public void Submit(Arrival arrival)
    {
        var workload = arrival.Workload with { Sequence = _created, Uid = $"{arrival.Workload.Uid}-{_created++}" };
        if (workload.Group.Length > 0) Cluster.Groups[(workload.Key.Namespace, workload.Group)] = arrival.GroupMinimum;
        Cluster.Submit(workload);
        _lifetimes[workload.Uid] = (arrival, Time.Now);
        Offer(workload);
    }

    /// <summary>A workload that waits is another from now on, or more important.</summary>
    public void Change(WorkloadView workload)
    {
        if (Cluster.Waiting(workload.Key) is null) return;
        Cluster.Submit(workload with { Gang = null });
        Offer(workload);
    }

    public void Put(HostView host)
    {
        Cluster.Put(host);
        Happened(ClusterEvents.HostChanged);
    }

    /// <summary>What was on it is made anew, as its controllers would.</summary>
    public void Lose(HostName name)
    {
        var lost = Cluster.Remove(name);
        Happened(ClusterEvents.HostChanged | ClusterEvents.WorkloadGone);
        foreach (var workload in lost) Again(workload);
    }

    public void End(ObjectKey key, string uid)
    {
        if (!Cluster.End(key, uid)) return;
        _ending.Remove(uid);
        _lifetimes.Remove(uid);
        foreach (var scheduler in _schedulers) scheduler.Gone(key);
        Happened(ClusterEvents.WorkloadGone);
    }

    /// <summary>Offers what belongs together: a group has enough members placed afterwards, or as many as before.</summary>
    public IReadOnlyList<(Placement Placement, Answer Answer)> Bind(IReadOnlyList<Placement> together)
    {
        var answers = together.Select(placement => (placement, Cluster.Bind(placement.Workload, placement.Host, Time.Now))).ToList();
        var first = together[0].Workload;
        if (first.Group.Length > 0 && Cluster.Placed(first.Key.Namespace, first.Group) < Cluster.Groups[(first.Key.Namespace, first.Group)])
        {
            foreach (var (placement, _) in answers.Where(pair => pair.Item2 == Answer.Bound)) Cluster.Unbind(placement.Workload with { Gang = null });
            answers = answers.ConvertAll(pair => (pair.placement, pair.Item2 == Answer.Bound ? Answer.Refused : pair.Item2));
        }

        foreach (var (placement, answer) in answers) Count(placement.Workload, answer);
        return answers;
    }

    public void MakeRoom(Nomination nomination)
    {
        Cluster.Nominate(nomination.Workload.Key, nomination.Host);
        foreach (var victim in nomination.Victims.Where(victim => _ending.Add(victim.Uid)))
        {
            if (Cluster.Find(victim.Key) is not { } bound || bound.Workload.Uid != victim.Uid) continue;
            Figures.Preempted++;
            Cluster.Terminate(bound);
            Time.After(EndingMilliseconds, () =>
            {
                End(victim.Key, victim.Uid);
                Again(bound.Workload);
            });
        }
    }

    public void Happened(ClusterEvents events)
    {
        foreach (var scheduler in _schedulers) scheduler.Happened(events);
    }

    private void Count(WorkloadView workload, Answer answer)
    {
        if (answer == Answer.Refused) Figures.Refused++;
        if (answer != Answer.Bound || !_lifetimes.TryGetValue(workload.Uid, out var life)) return;
        Figures.Placed(Time.Now - life.At);
        if (life.Arrival.Lasts is { } lasts) Time.After(lasts, () => End(workload.Key, workload.Uid));
    }

    private void Again(WorkloadView workload)
    {
        if (_lifetimes.Remove(workload.Uid, out var life)) Submit(life.Arrival);
    }

    private void Offer(WorkloadView workload)
    {
        if (_contending) foreach (var scheduler in _schedulers) scheduler.Submit(workload);
        else _schedulers[ShareOf(workload)].Submit(workload);
    }

    /// <summary>A group is in one share. Not the hash code, which is another in each process.</summary>
    private int ShareOf(WorkloadView workload) =>
        (workload.Group.Length > 0 ? workload.Group : workload.Key.Name).Sum(letter => letter) % _schedulers.Length;

    private void Retry()
    {
        Happened(ClusterEvents.Anything);
        Time.After(SafetyRetryMilliseconds, Retry);
    }
}
