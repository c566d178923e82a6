using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Tests.Objects;

public sealed class EventTests
{
    private static readonly Kind Events = KindCatalog.Of<Event>();

    [Fact]
    public async Task The_same_thing_again_raises_a_count_and_an_hour_later_it_is_forgotten()
    {
        using var silo = await Samples.Silo();
        var pod = (await silo.Create(Samples.Pod("web"))).Object!;
        using var recorder = new EventRecorder(silo.Cache, silo.Editor, new ObjectNames(new Random(2)), silo.Time, NullLogger<EventRecorder>.Instance);
        await recorder.StartAsync(TestContext.Current.CancellationToken);
        recorder.Record(pod, "Warning", "FailedScheduling", "0/1 hosts are available", "scheduler", sameAs: "");
        recorder.Record(pod, "Warning", "FailedScheduling", "0/2 hosts are available", "scheduler", sameAs: "");
        recorder.Record(pod, "Normal", "Scheduled", "it went", "scheduler");
        await silo.Cache[Events].Changes.WaitFor(2, TestContext.Current.CancellationToken);

        var seen = silo.Cache[Events].Current.Objects.Select(obj => obj.As<Event>()).OrderBy(happened => happened.Reason).ToArray();
        Assert.Equal([("FailedScheduling", 2, "0/2 hosts are available"), ("Scheduled", 1, "it went")], seen.Select(happened => (happened.Reason, happened.Count, happened.Message)));
        Assert.All(seen, happened => Assert.Equal(pod.Uid, happened.InvolvedObject.Uid));

        using var expiry = new EventExpiry(silo.Cache, silo.Editor, silo.Time);
        silo.Time.Advance(TimeSpan.FromMinutes(59));
        await expiry.RemoveExpired(TestContext.Current.CancellationToken);
        Assert.Equal(2, silo.Cache[Events].Current.Objects.Count);
        silo.Time.Advance(TimeSpan.FromMinutes(2));
        await expiry.RemoveExpired(TestContext.Current.CancellationToken);
        Assert.Empty(silo.Cache[Events].Current.Objects);
        await recorder.StopAsync(TestContext.Current.CancellationToken);
    }
}
