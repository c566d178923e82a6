using Microsoft.Extensions.Time.Testing;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Connection;

public sealed class OutboxTests
{
    private readonly Outbox _outbox = new(new FakeTimeProvider());

    [Fact]
    public async Task Facts_that_the_hello_has_told_are_not_told_again_when_they_are_found_later()
    {
        _outbox.BeginSession(Facts("6.1"));
        _outbox.SetFacts(Facts("6.1"));
        _outbox.SetFacts(Facts("6.2"));
        var told = Assert.Single(await _outbox.TakeAsync(Limit));
        Assert.Equal("6.2", told.Facts.Status.NodeInfo.KernelVersion);
        _outbox.BeginSession(Facts("6.1"));
        told = Assert.Single(await _outbox.TakeAsync(Limit));
        Assert.Equal("6.2", told.Facts.Status.NodeInfo.KernelVersion);
    }

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    private static HostFacts Facts(string kernel) => new() { Status = new NodeStatus { NodeInfo = new NodeSystemInfo { KernelVersion = kernel } } };
}
