using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orchestrator.NodeAgent.Containerd.Events.V1;

namespace Orchestrator.Conformance.Fakes;

internal sealed class FakeEvents
{
    private readonly ConcurrentDictionary<Channel<Envelope>, bool> _subscribers = new();

    /// <summary>Whether subscribers hear anything; without it they have to list.</summary>
    public bool Silent { get; set; }

    public void Publish(string topic, string container)
    {
        if (Silent) return;
        var envelope = new Envelope
        {
            Namespace = "k8s.io",
            Topic = topic,
            Event = new Any { TypeUrl = "containerd.events.TaskExit", Value = new TaskEvent { ContainerId = container }.ToByteString() },
        };
        foreach (var subscriber in _subscribers.Keys) subscriber.Writer.TryWrite(envelope);
    }

    public async Task SubscribeAsync(IServerStreamWriter<Envelope> writer, CancellationToken cancellation)
    {
        var channel = Channel.CreateUnbounded<Envelope>();
        _subscribers[channel] = true;
        try
        {
            await foreach (var envelope in channel.Reader.ReadAllAsync(cancellation)) await writer.WriteAsync(envelope, cancellation);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _subscribers.TryRemove(channel, out _);
        }
    }
}

internal sealed class FakeEventsService(FakeContainerd host) : Events.EventsBase
{
    public override Task Subscribe(SubscribeRequest request, IServerStreamWriter<Envelope> responseStream, ServerCallContext context)
        => host.Events.SubscribeAsync(responseStream, context.CancellationToken);
}
