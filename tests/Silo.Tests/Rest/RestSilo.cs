using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Silo.Tests.Cluster;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>One real silo for all tests of a class, each of which works in a namespace of its own.</summary>
public sealed class RestSilo : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _namespaces;

    public SiloProcess Process { get; private set; } = null!;
    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Process = await SiloProcess.Start(_folder.Path);
        Http = new HttpClient { BaseAddress = Process.Http };
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (Process is not null) await Process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A new namespace.</summary>
    public async Task<string> Namespace()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await Post("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""", 201);
        return name;
    }

    /// <summary>The agent of a host on which pod web of the namespace runs, as far as the silo knows.</summary>
    internal async Task<TestAgent> AgentOfWeb(string ns)
    {
        var agent = await TestAgent.Connect(Process, $"host-{ns}");
        await Post($"/api/v1/namespaces/{ns}/pods", $$$"""
            {"metadata":{"name":"web"},"spec":{"nodeName":"host-{{{ns}}}","containers":[{"name":"main","image":"web:1"}]}}
            """);
        await agent.Report(await agent.NextPod(), "Running");
        return agent;
    }

    /// <summary>Where the path is for a WebSocket.</summary>
    public Uri Socket(string path) => new UriBuilder(new Uri(Http.BaseAddress!, path)) { Scheme = "ws" }.Uri;

    public Task<JsonNode> Get(string path, int status = 200) => Send(HttpMethod.Get, path, null, "", status);

    public Task<JsonNode> Post(string path, string json, int status = 201) => Send(HttpMethod.Post, path, json, "application/json", status);

    public Task<JsonNode> Put(string path, string json, int status = 200) => Send(HttpMethod.Put, path, json, "application/json", status);

    public Task<JsonNode> Patch(string path, string type, string patch, int status = 200) => Send(HttpMethod.Patch, path, patch, type, status);

    public Task<JsonNode> Delete(string path, string? options = null, int status = 200) => Send(HttpMethod.Delete, path, options, "application/json", status);

    private async Task<JsonNode> Send(HttpMethod method, string path, string? body, string type, int status)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {answer}");
        return answer;
    }
}
