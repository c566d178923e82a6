using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Tests.Cluster;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>What is done with pods through a URL of its own: eviction, which budgets may refuse, and binding, which the host may.</summary>
public sealed class EvictionTests(RestSilo silo) : IClassFixture<RestSilo>
{
    [Fact(Timeout = 120_000)]
    public async Task An_eviction_that_a_budget_does_not_allow_is_refused_until_there_is_room_again()
    {
        using var agent = await TestAgent.Connect(silo.Process, "host-1");
        var pods = $"/api/v1/namespaces/{await silo.Namespace()}/pods";
        var budgets = pods.Replace("/api/v1", "/apis/policy/v1", StringComparison.Ordinal).Replace("/pods", "/poddisruptionbudgets", StringComparison.Ordinal);
        await silo.Post(budgets, """{"metadata":{"name":"most"},"spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}}}""");
        using var watch = await WatchStream.Open(silo, $"{pods}?watch=true");
        foreach (var name in new[] { "a", "b", "c" })
        {
            await silo.Post(pods, $$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"web"}},"spec":{"nodeName":"host-1","containers":[{"name":"main","image":"web:1"}]}}""");
            await agent.Say(Ready(await agent.NextPod()));
            while ((await watch.Next())!.Value.Object["status"]?["phase"]?.ToString() != "Running")
            {
            }
        }

        Assert.Equal("Success", (string)(await silo.Post($"{pods}/a/eviction", Eviction("a"), 200))["status"]!);
        var refused = await silo.Post($"{pods}/b/eviction", Eviction("b"), 429);
        Assert.Equal("TooManyRequests", (string)refused["reason"]!);
        Assert.Contains("disruption budget most", (string)refused["message"]!);
        // Many at once don't share the one that there is.
        await silo.Patch($"{budgets}/most", "application/merge-patch+json", """{"spec":{"minAvailable":1}}""");
        var both = await Task.WhenAll(new[] { "b", "c" }.Select(async name =>
        {
            using var content = new StringContent(Eviction(name), System.Text.Encoding.UTF8, "application/json");
            using var answer = await silo.Http.PostAsync($"{pods}/{name}/eviction", content, TestContext.Current.CancellationToken);
            return (int)answer.StatusCode;
        }));
        Assert.Equal([200, 429], both.Order());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_binding_is_the_hosts_to_take_and_is_taken_once()
    {
        using var agent = await TestAgent.Connect(silo.Process, "host-2");
        var pods = $"/api/v1/namespaces/{await silo.Namespace()}/pods";
        await silo.Post(pods, """{"metadata":{"name":"held"},"spec":{"schedulingGates":[{"name":"example.com/wait"}],"containers":[{"name":"main","image":"web:1"}]}}""");
        Assert.Equal("Conflict", (string)(await silo.Post($"{pods}/held/binding", Binding("host-2"), 409))["reason"]!);
        Assert.Contains("\"nowhere\" not found", (string)(await silo.Post($"{pods}/held/binding", Binding("nowhere"), 404))["message"]!);
        await silo.Post($"{pods}/absent/binding", Binding("host-2"), 404);
        await silo.Post($"{pods}/held/binding", """{"target":{}}""", 422);
        await silo.Post($"{pods}/held/binding", "{", 400);
        await silo.Patch($"{pods}/held", "application/merge-patch+json", """{"spec":{"schedulingGates":null}}""");
        using var watch = await WatchStream.Open(silo, $"{pods}?watch=true");
        string? host;
        // Whoever is faster, the scheduler or we: one of them binds it.
        do host = (string?)(await watch.Next())!.Value.Object["spec"]!["nodeName"]; while (host is null);
        await silo.Post("/api/v1/nodes", """{"metadata":{"name":"another"}}""");
        Assert.Contains($"bound to {host}", (string)(await silo.Post($"{pods}/held/binding", Binding("another"), 409))["message"]!);
        await silo.Post($"{pods}/held/binding", Binding(host), 200);
    }

    private static string Eviction(string name) => $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"}}""";

    private static string Binding(string host) => $$$"""{"apiVersion":"v1","kind":"Binding","target":{"kind":"Node","name":"{{{host}}}"}}""";

    private static AgentMessage Ready(Pod pod) => new()
    {
        Report = new WorkloadReport
        {
            Workload = new WorkloadRef { Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            Pod = new PodStatus { Phase = "Running", PodIp = "10.0.0.9", Conditions = { new Condition { Type = "Ready", Status = "True" } } },
        },
    };
}
