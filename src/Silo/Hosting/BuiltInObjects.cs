using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.SchedulingV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosting;

/// <summary>Creates what every cluster has: the namespace `default`, the runtime classes, the highest priorities, the machine types. What is there stays as it is.</summary>
internal sealed class BuiltInObjects(ObjectPipeline pipeline) : IHostedService
{
    private static readonly (string Name, int Cpus, string Memory)[] MachineTypes =
        [("tiny", 1, "64Mi"), ("small", 1, "128Mi"), ("medium", 1, "512Mi"), ("large", 2, "2Gi")];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Objects().Select(obj => Ensure(obj, cancellationToken)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static IEnumerable<IMessage> Objects()
    {
        yield return new Namespace { Metadata = new ObjectMeta { Name = NamespaceStrategy.Default } };
        foreach (var (name, handler) in RuntimeClasses.BuiltIn) yield return new RuntimeClass { Metadata = new ObjectMeta { Name = name }, Handler = handler };
        foreach (var (name, value) in Priorities.BuiltIn) yield return new PriorityClass { Metadata = new ObjectMeta { Name = name }, Value = value };
        foreach (var (name, cpus, memory) in MachineTypes)
            yield return new MachineType { Metadata = new ObjectMeta { Name = name }, Spec = new MachineTypeSpec { Cpus = cpus, Memory = memory } };
    }

    private async Task Ensure(IMessage obj, CancellationToken cancellation)
    {
        Defaults.Apply(obj);
        var result = await pipeline.Create(KindCatalog.Of(obj), obj, RequestOptions.Default, cancellation);
        if (!result.Succeeded && result.Error.Reason != ErrorReason.AlreadyExists)
            throw new InvalidOperationException($"A built-in object could not be created: {result.Error.Message}");
    }
}
