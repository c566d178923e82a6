using Orchestrator.Simulation.Load;

namespace Orchestrator.Scheduler.Tests.Storms;

public sealed class RecordingTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_recorded_cluster_is_placed_anew()
    {
        File.WriteAllText(_file, """
            { "apiVersion": "v1", "kind": "List", "items": [
              { "apiVersion": "v1", "kind": "Node", "metadata": { "name": "one" }, "status": { "allocatable": { "cpu": "4", "memory": "8Gi" },
                "conditions": [ { "type": "Ready", "status": "True" } ], "runtimeClasses": [ { "name": "container", "available": true } ] } },
              { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "later", "namespace": "default", "creationTimestamp": "2026-11-26T10:01:00Z" },
                "spec": { "nodeName": "one", "containers": [ { "name": "a", "image": "busybox", "resources": { "requests": { "cpu": "1" } } } ] } },
              { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "first", "namespace": "default", "creationTimestamp": "2026-11-26T10:00:00Z" },
                "spec": { "containers": [ { "name": "a", "image": "busybox", "resources": { "requests": { "cpu": "1" } } } ] } },
              { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "done", "namespace": "default" },
                "spec": { "containers": [ { "name": "a", "image": "busybox" } ] }, "status": { "phase": "Succeeded" } } ] }
            """);
        var recording = Recording.Read(_file);
        Assert.Equal([(0L, "first"), (60_000L, "later")], recording.Arrivals.Select(arrival => (arrival.At, arrival.Workload.Key.Name)));
        var outcome = new Scenario(recording.Hosts, recording.Arrivals, 120_000).Run(Profiles.Default);
        Assert.Equal((2, 0, 50.0), (outcome.Figures.PlacedCount, outcome.Samples[^1].Waiting, outcome.Samples[^1].CpuPercent));
    }

    [Fact]
    public void What_is_no_object_is_named()
    {
        File.WriteAllText(_file, """{ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "x" }, "spec": { "containerz": [] } }""");
        Assert.Contains("containerz", Assert.Throws<FormatException>(() => Recording.Read(_file)).Message);
    }
}
