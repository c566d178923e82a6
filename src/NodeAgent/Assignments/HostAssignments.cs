using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>
/// The one owner of what runs here. Sessions and drivers enqueue what they know; the loop applies it in order and
/// keeps one <see cref="WorkloadRunner"/> for each workload that is desired or left over. Until the first full
/// desired state nothing is started and, above all, nothing is removed.
/// </summary>
internal sealed class HostAssignments(WorkloadRunners runners, Outbox outbox, ILogger<HostAssignments> logger)
{
    private readonly Channel<Command> _commands = Channel.CreateUnbounded<Command>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<WorkloadId, DesiredWorkload> _desired = [];
    private readonly Dictionary<WorkloadId, WorkloadRunner> _running = [];
    private readonly Dictionary<WorkloadId, string> _signatures = [];
    private bool _known;

    private abstract record Command;

    private sealed record Replace(IReadOnlyList<Assignment> Assignments) : Command;

    private sealed record Put(Assignment Assignment) : Command;

    private sealed record Remove(WorkloadId Id) : Command;

    private sealed record Listed(WorkloadKind Kind, IReadOnlyList<WorkloadSummary> Summaries) : Command;

    private sealed record Changed(WorkloadId Id) : Command;

    private sealed record Ended(WorkloadRunner Runner) : Command;

    public void ReplaceAll(DesiredState state) => Enqueue(new Replace([.. state.Assignments]));

    public void Apply(WorkloadChange change)
    {
        if (change.ChangeCase == WorkloadChange.ChangeOneofCase.Assignment) Enqueue(new Put(change.Assignment));
        else if (change.ChangeCase == WorkloadChange.ChangeOneofCase.Removed) Enqueue(new Remove(WorkloadId.From(change.Removed)));
    }

    public void Seen(WorkloadKind kind, IReadOnlyList<WorkloadSummary> summaries) => Enqueue(new Listed(kind, summaries));

    public void MayHaveChanged(WorkloadId id) => Enqueue(new Changed(id));

    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var command in _commands.Reader.ReadAllAsync(stopping)) Handle(command, stopping);
    }

    private void Handle(Command command, CancellationToken stopping)
    {
        switch (command)
        {
            case Replace replace: HandleReplace(replace, stopping); break;
            case Put put: Desire(put.Assignment, stopping); break;
            case Remove remove: Undesire(remove.Id, stopping); break;
            case Listed listed: HandleListed(listed, stopping); break;
            case Changed changed: _running.GetValueOrDefault(changed.Id)?.NoticeChange(); break;
            case Ended ended: HandleEnded(ended.Runner, stopping); break;
        }
    }

    private void HandleReplace(Replace replace, CancellationToken stopping)
    {
        var named = replace.Assignments.Select(assignment => Desire(assignment, stopping)).OfType<WorkloadId>().ToHashSet();
        foreach (var id in _desired.Keys.Where(id => !named.Contains(id)).ToList()) Undesire(id, stopping);
        outbox.ForgetGone(named.Contains);
        _known = true;
    }

    private WorkloadId? Desire(Assignment assignment, CancellationToken stopping)
    {
        if (DesiredWorkload.From(assignment) is not { } desired)
        {
            logger.LogError("An assignment without a workload or a uid was ignored: {Assignment}", assignment);
            return null;
        }

        _desired[desired.Id] = desired;
        Tell(desired.Id, desired, stopping);
        return desired.Id;
    }

    private void Undesire(WorkloadId id, CancellationToken stopping)
    {
        _desired.Remove(id);
        outbox.ForgetGone(known => known != id);
        Tell(id, null, stopping);
    }

    private void HandleListed(Listed listed, CancellationToken stopping)
    {
        if (!_known) return;
        foreach (var (id, signature) in listed.Summaries)
        {
            var same = _signatures.TryGetValue(id, out var before) && before == signature;
            _signatures[id] = signature;
            if (!_desired.ContainsKey(id) && !_running.ContainsKey(id))
            {
                logger.LogWarning("{Workload} runs here and isn't desired: it goes", id);
                Tell(id, null, stopping);
            }
            else if (!same) _running.GetValueOrDefault(id)?.Ring();
        }

        var seen = listed.Summaries.Select(summary => summary.Id).ToHashSet();
        foreach (var id in _signatures.Keys.Where(id => id.Kind == listed.Kind && !seen.Contains(id)).ToList())
        {
            _signatures.Remove(id);
            _running.GetValueOrDefault(id)?.Ring();
        }
    }

    private void HandleEnded(WorkloadRunner runner, CancellationToken stopping)
    {
        _running.Remove(runner.Id);
        runner.Dispose();
        // Desired again between the last look and now.
        if (_desired.TryGetValue(runner.Id, out var desired) && !desired.Deleting) Tell(runner.Id, desired, stopping);
    }

    /// <summary>
    /// A runner is made with its first word: one that began to run without any would take its workload for one that shall go.
    /// </summary>
    private void Tell(WorkloadId id, DesiredWorkload? desired, CancellationToken stopping)
    {
        if (_running.TryGetValue(id, out var runner))
        {
            runner.Update(desired);
            return;
        }

        runner = runners.Create(id, desired);
        _running.Add(id, runner);
        _ = FollowAsync(runner, stopping);
    }

    /// <summary>A bug in one workload's hooks ends the process, whose successor adopts everything; it never passes unseen.</summary>
    private async Task FollowAsync(WorkloadRunner runner, CancellationToken stopping)
    {
        try
        {
            await Task.Yield();
            await runner.RunAsync(stopping);
            Enqueue(new Ended(runner));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or RpcException && stopping.IsCancellationRequested)
        {
            runner.Dispose();
        }
        catch (Exception bug)
        {
            logger.LogCritical(bug, "{Workload}: the runner failed", runner.Id);
            _commands.Writer.TryComplete(bug);
        }
    }

    private void Enqueue(Command command) => _commands.Writer.TryWrite(command);
}
