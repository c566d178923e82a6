using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Workloads;
using Orleans.Placement;

namespace Orchestrator.Silo.Hosts;

/// <summary>
/// A host's lease and session:
/// <code>
///   unknown ──Attach──► attached ──Detach──► resync pending ──Attach──► attached
///      │                   ▲   │ lease over         │ lease over
///      └──lease over──► silent ◄────────────────────┘   (Attach or Renew ends it)
/// </code>
/// "No session known" is never "dead": only the lease decides, and its end changes a condition and taints the host; the taint drives pods
/// away in time. Of a silent host whose Node is deleted nothing more is expected.
/// </summary>
[RandomPlacement]
internal sealed class HostGrain(
    ObjectCache cache, ObjectEditor editor, HostRegistration registration, Assignments assignments, TaintEvictions taints, LostWorkloads lost,
    IOptions<LeaseOptions> options, TimeProvider time)
    : Grain, IHostGrain
{
    private readonly HostLedger _ledger = new();
    private readonly HostHolds _holds = new(time);
    private readonly Dictionary<ObjectKey, AssignmentVersion> _delivered = [];
    private (Node Node, HostView Empty)? _read;
    private Attachment? _attachment;
    private byte[]? _facts;
    private long _heardAt;

    private string Host => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var workload in assignments.Of(Host)) _ledger.Enter(workload, Host, assignments);
        _heardAt = time.GetTimestamp();
        var period = TimeSpan.FromSeconds(Math.Max(1, options.Value.LeaseSeconds / 4.0));
        this.RegisterGrainTimer(WatchLease, new GrainTimerCreationOptions(period, period) { KeepAlive = true });
        return Task.CompletedTask;
    }

    /// <summary>Whatever a lost wake-up of a workload has left undone is found here.</summary>
    public async Task Wake()
    {
        var mine = assignments.Of(Host).ToDictionary(workload => workload.Key);
        foreach (var (key, version) in _delivered.ToArray())
        {
            if (!mine.TryGetValue(key, out var workload) || workload.Uid != version.Uid) await Unassign(key.ToString(), version.Uid);
        }

        _ledger.Clear();
        foreach (var key in mine.Keys) await Assign(key.ToString());
        await taints.Review(Host, CancellationToken.None);
    }

    public async Task<bool> Attach(Attachment attachment, byte[] facts, string agentVersion)
    {
        if (attachment.Epoch < _attachment?.Epoch) return false;
        _attachment = attachment;
        await TakeFacts(facts);
        Heard();
        _delivered.Clear();
        var desired = assignments.Of(Host).ToArray();
        foreach (var workload in desired) _delivered[workload.Key] = assignments.VersionOf(workload);
        foreach (var part in DesiredParts.Of(desired.Select(assignments.Encode)))
        {
            if (await Deliver(new SiloMessage { Desired = part }) == DeliverOutcome.NoSession) break;
        }

        return true;
    }

    public async Task<bool> Renew(Attachment attachment)
    {
        if (attachment.Epoch < _attachment?.Epoch) return false;
        if (_attachment is null || attachment.Epoch > _attachment.Epoch) return false;
        Heard();
        if (_facts is not null && (registration.Readiness(Host) != "True" || !registration.HasRange(Host))) await TakeFacts(_facts);
        return true;
    }

    public Task Detach(long epoch)
    {
        if (_attachment?.Epoch == epoch) _attachment = null;
        return Task.CompletedTask;
    }

    public async Task UpdateFacts(long epoch, byte[] facts)
    {
        if (_attachment?.Epoch == epoch) await TakeFacts(facts);
    }

    /// <summary>Checked one after the other, each against the ones before it; committed together.</summary>
    public Task<BindAnswer[]> Bind(BindRequest[] requests) => Task.WhenAll(requests.Select(Bind).ToArray());

    private async Task<BindAnswer> Bind(BindRequest request)
    {
        using var activity = Traces.Source.StartActivity("host.bind", ActivityKind.Internal, request.Trace);
        var key = ObjectKey.Parse(request.Key);
        var promised = _holds.Redeem(key, request.Uid);
        if (Find(key, request.Uid, out var workload) is { } answer) return answer;
        var view = assignments.View(workload);
        if (!promised && Refusal(view) is { } reason) return new(BindOutcome.Refused, reason);

        _ledger.Add(Resident.Of(view));
        var bound = await Commit(key, request.Uid);
        if (bound is not null && WorkloadState.Of(bound).Host == Host) return new(BindOutcome.Bound, "");
        _ledger.Remove(key, request.Uid);
        return bound is null && cache.Find(key)?.Uid == request.Uid
            ? new(BindOutcome.Unavailable, "the store takes no writes")
            : new(BindOutcome.Obsolete, "changed");
    }

    public Task<BindAnswer[]> Hold(BindRequest[] requests) => Task.FromResult(Array.ConvertAll(requests, request =>
    {
        var key = ObjectKey.Parse(request.Key);
        _holds.Redeem(key, request.Uid);
        if (Find(key, request.Uid, out var workload) is { } answer) return answer;
        var view = assignments.View(workload);
        if (Refusal(view) is { } reason) return new BindAnswer(BindOutcome.Refused, reason);
        _holds.Promise(Resident.Of(view));
        return new BindAnswer(BindOutcome.Held, "");
    }));

    public Task Release(BindRequest[] requests)
    {
        foreach (var request in requests) _holds.Redeem(ObjectKey.Parse(request.Key), request.Uid);
        return Task.CompletedTask;
    }

    /// <summary>The workload that waits; otherwise the answer: it waits no longer.</summary>
    private BindAnswer? Find(ObjectKey key, string uid, out StoredObject workload)
    {
        workload = cache.Find(key)!;
        if (workload is not { Terminating: false } || workload.Uid != uid) return new(BindOutcome.Obsolete, "gone");
        var state = WorkloadState.Of(workload);
        return state.Bound ? new(state.Host == Host ? BindOutcome.Bound : BindOutcome.Obsolete, $"bound to {state.Host}") : null;
    }

    public async Task Assign(string key)
    {
        var objectKey = ObjectKey.Parse(key);
        if (cache.Find(objectKey) is not { } workload || WorkloadState.Of(workload).Host != Host) return;
        _ledger.Enter(workload, Host, assignments);
        var version = assignments.VersionOf(workload);
        // What is to go is said again each time it is looked at, until the host says that it is gone.
        var said = !workload.Terminating && _delivered.TryGetValue(objectKey, out var delivered) && delivered == version;
        if (_attachment is null || said) return;
        var change = new WorkloadChange { Assignment = assignments.Encode(workload) };
        if (await Deliver(new SiloMessage { Change = change }) == DeliverOutcome.Delivered) _delivered[objectKey] = version;
    }

    public async Task Unassign(string key, string uid)
    {
        var objectKey = ObjectKey.Parse(key);
        _ledger.Remove(objectKey, uid);
        if (_delivered.TryGetValue(objectKey, out var delivered) && delivered.Uid == uid) _delivered.Remove(objectKey);
        if (_attachment is not null) await Deliver(new SiloMessage { Change = new WorkloadChange { Removed = Assignments.Reference(objectKey, uid) } });
    }

    public async Task<DeliverOutcome> Send(byte[] message) =>
        _attachment is { } attachment ? await attachment.Gateway.Deliver(Host, attachment.Epoch, message) : DeliverOutcome.NoSession;

    private async Task<DeliverOutcome> Deliver(SiloMessage message)
    {
        var outcome = await Send(message.ToByteArray());
        if (outcome == DeliverOutcome.NoSession) _attachment = null;
        return outcome;
    }

    private string? Refusal(WorkloadView workload)
    {
        if (cache.Find(HostRegistration.KeyOf(Host))?.As<Node>() is not { } node) return "the host is not registered";
        if (_read?.Node != node) _read = (node, HostView.From(node, default));
        return Planner.Refusal(_holds.On(_read.Value.Empty with { Used = _ledger.Used, Residents = _ledger.Residents }), workload);
    }

    private Task<StoredObject?> Commit(ObjectKey key, string uid) => key.Resource == WorkloadGrains.Pods.Resource
        ? editor.Edit<Pod>(key, uid, pod =>
        {
            if (pod.Metadata.DeletionTimestamp is not null || (pod.Spec.NodeName.Length > 0 && pod.Spec.NodeName != Host)) return false;
            pod.Spec.NodeName = Host;
            pod.Status ??= new PodStatus { Phase = "Pending" };
            pod.Status.NominatedNodeName = "";
            return Conditions.Set(pod.Status.Conditions, Conditions.PodScheduled, true, "", "", time);
        })
        : editor.Edit<VirtualMachine>(key, uid, vm =>
        {
            if (vm.Metadata.DeletionTimestamp is not null || (vm.Spec.NodeName.Length > 0 && vm.Spec.NodeName != Host)) return false;
            vm.Spec.NodeName = Host;
            vm.Status ??= new VirtualMachineStatus();
            vm.Status.Phase = "Scheduled";
            vm.Status.NominatedNodeName = "";
            return Conditions.Set(vm.Status.Conditions, Conditions.PodScheduled, true, "", "", time);
        });

    private async Task TakeFacts(byte[] facts)
    {
        _facts = facts;
        await registration.Register(Host, HostFacts.Parser.ParseFrom(facts));
    }

    private void Heard() => _heardAt = time.GetTimestamp();

    private async Task WatchLease(CancellationToken cancellation)
    {
        await taints.Review(Host, cancellation);
        if (time.GetElapsedTime(_heardAt) < TimeSpan.FromSeconds(options.Value.LeaseSeconds)) return;
        if (!registration.Knows(Host)) await lost.Clear(Host, cancellation);
        else if (registration.Readiness(Host) is "True" or "False") await registration.MarkSilent(Host, options.Value.LeaseSeconds);
    }
}
