using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Tests.Objects;

public sealed class PriorityTests
{
    [Theory]
    [InlineData("priorityClassName: high", "high", 1000, "PreemptLowerPriority")]
    [InlineData("priorityClassName: polite", "polite", 900, "Never")]
    [InlineData("priorityClassName: polite, preemptionPolicy: PreemptLowerPriority", "polite", 900, "PreemptLowerPriority")]
    [InlineData("priority: 7", "", 7, "")]                                    // a number of its own stays
    [InlineData("hostNetwork: false", "usual", 10, "PreemptLowerPriority")]   // of two defaults the lower
    public async Task A_class_becomes_part_of_the_pod(string spec, string name, int priority, string policy)
    {
        using var silo = await Samples.Silo();
        foreach (var one in new[] { "name: high}, value: 1000", "name: polite}, value: 900, preemptionPolicy: Never", "name: usual}, value: 10, globalDefault: true", "name: unusual}, value: 20, globalDefault: true" })
            Assert.True((await silo.Create(Samples.Read($"{{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {{{one}}}"))).Succeeded);
        var result = await silo.Create(Samples.Read($"{{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: default}}, spec: {{{spec}, containers: [{{name: main, image: web:1}}]}}}}"));
        Assert.True(result.Succeeded, result.Error?.Message);
        var pod = result.Object!.As<Pod>().Spec;
        Assert.Equal((name, priority, policy), (pod.PriorityClassName, pod.Priority, pod.PreemptionPolicy));

        // The manifest as it was written changes nothing.
        var again = await silo.Apply(Samples.Read($"{{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: default}}, spec: {{{spec}, containers: [{{name: main, image: web:1}}]}}}}"));
        Assert.True(again.Succeeded, again.Error?.Message);
        Assert.Equal(pod, again.Object!.As<Pod>().Spec);
    }

    [Fact]
    public async Task A_class_that_is_not_there_is_an_error_that_names_those_that_are()
    {
        using var silo = await Samples.Silo();
        await silo.Create(Samples.Read("{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000}"));
        var result = await silo.Create(Samples.Read("{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: default}, spec: {priorityClassName: hihg, containers: [{name: main, image: web:1}]}}"));
        Assert.Contains("no such PriorityClass; there are high", result.Error!.Message);
    }

    [Theory]
    [InlineData("[{name: a}, {name: b}]", "[{name: b}]", true)]
    [InlineData("[{name: a}]", "[]", true)]
    [InlineData("[{name: a}]", "[{name: a}, {name: b}]", false)]
    public async Task Gates_may_go_but_none_may_come(string before, string after, bool allowed)
    {
        using var silo = await Samples.Silo();
        await silo.Create(Gated(before));
        var current = Gated(after);
        var result = await silo.Pipeline.Update(current.Kind, current.Message, statusOnly: false, Orchestrator.Silo.Objects.RequestOptions.Default, TestContext.Current.CancellationToken);
        Assert.Equal(allowed, result.Succeeded);
    }

    private static Orchestrator.Contracts.Encoding.DecodedObject Gated(string gates) =>
        Samples.Read($"{{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: default}}, spec: {{schedulingGates: {gates}, containers: [{{name: main, image: web:1}}]}}}}");
}
