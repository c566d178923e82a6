using System.IO.Hashing;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Events;

/// <summary>
/// Writes what happened to an object, in a user's words. Grains and agents call it and never wait for it: events go through a bounded
/// queue, and when it is full the newest are dropped and counted. The same thing happening again raises a count.
/// </summary>
internal sealed class EventRecorder(ObjectCache cache, ObjectEditor editor, ObjectNames names, TimeProvider time, ILogger<EventRecorder> logger)
    : BackgroundService
{
    private const int QueuedEvents = 4096;
    private static readonly Kind Events = KindCatalog.Of<Event>();

    private readonly Channel<Happening> _queue = Channel.CreateBounded<Happening>(new BoundedChannelOptions(QueuedEvents) { SingleReader = true });
    private long _dropped;

    /// <summary>
    /// Records an event on an object. Two events are the same one if they agree in <paramref name="sameAs"/>, by default the message.
    /// </summary>
    public void Record(StoredObject about, string type, string reason, string message, string component, string? sameAs = null)
    {
        var involved = new ObjectReference
        {
            ApiVersion = about.Kind.ApiVersion,
            Kind = about.Kind.Name,
            Namespace = about.Key.Namespace,
            Name = about.Key.Name,
            Uid = about.Uid,
            ResourceVersion = about.Revision.ToString(),
        };
        Queue(new Happening(involved, type, reason, message, component, "", sameAs ?? message, time.GetUtcNow()));
    }

    /// <summary>Records what an agent says of a workload of its host; of any other workload it may not speak.</summary>
    public void Record(string host, EventReport report)
    {
        if (cache.Find(Assignments.KeyOf(report.Workload)) is not { } workload || workload.Uid != report.Workload.Uid) return;
        if (WorkloadState.Of(workload).Host != host) return;
        var involved = new ObjectReference
        {
            ApiVersion = workload.Kind.ApiVersion,
            Kind = workload.Kind.Name,
            Namespace = workload.Key.Namespace,
            Name = workload.Key.Name,
            Uid = workload.Uid,
            FieldPath = report.FieldPath,
        };
        var type = report.Type == "Warning" ? "Warning" : "Normal";
        Queue(new Happening(involved, type, report.Reason, report.Message, "agent", host, report.Message, time.GetUtcNow()));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var happening in _queue.Reader.ReadAllAsync(stoppingToken)) await Write(happening, stoppingToken);
    }

    private void Queue(Happening happening)
    {
        if (_queue.Writer.TryWrite(happening)) return;
        if (Interlocked.Increment(ref _dropped) % 1000 == 1) logger.LogWarning("{Dropped} events were dropped: they come faster than they are written", _dropped);
    }

    private async Task Write(Happening happening, CancellationToken cancellation)
    {
        var ns = happening.Involved.Namespace.Length == 0 ? "default" : happening.Involved.Namespace;
        var identity = string.Join('\n', happening.Involved.Uid, happening.Involved.FieldPath, happening.Reason, happening.SameAs);
        var key = new ObjectKey(Events.Resource, ns, $"{happening.Involved.Name}.{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(identity)):x16}");
        var at = Timestamp.FromDateTimeOffset(happening.Time);
        if (cache.Find(key) is null)
        {
            var created = await editor.Create(key, Events, NewEvent(key, happening, at), cancellation);
            if (created.Done) return;
        }

        await editor.Edit<Event>(key, "", seen =>
        {
            seen.Count++;
            seen.LastTimestamp = at;
            seen.Message = happening.Message;
            return true;
        }, cancellation);
    }

    private Event NewEvent(ObjectKey key, Happening happening, Timestamp at) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = key.Namespace,
            Name = key.Name,
            Uid = names.Uid(),
            CreationTimestamp = new Timestamp { Seconds = at.Seconds },
        },
        InvolvedObject = happening.Involved,
        Type = happening.Type,
        Reason = happening.Reason,
        Message = happening.Message,
        Source = new EventSource { Component = happening.Component, Host = happening.Host },
        ReportingComponent = happening.Component,
        ReportingInstance = happening.Host,
        FirstTimestamp = at,
        LastTimestamp = at,
        Count = 1,
    };

    private sealed record Happening(
        ObjectReference Involved, string Type, string Reason, string Message, string Component, string Host, string SameAs, DateTimeOffset Time);
}
