using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>The wire protocol, where kubectl doesn't show it.</summary>
public sealed class RestDoorTests(RestSilo silo) : IClassFixture<RestSilo>
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("/apis/nowhere.example")]
    [InlineData("/apis/nowhere.example/v1")]
    [InlineData("/api/v9")]
    [InlineData("/openapi/v3/apis/nowhere.example/v1")]
    public async Task What_there_is_not_is_not_found(string path) => Assert.Equal("NotFound", (string)(await silo.Get(path, 404))["reason"]!);

    [Fact(Timeout = 60_000)]
    public async Task A_list_comes_in_pages_of_one_version()
    {
        var pods = await Pods();
        foreach (var name in new[] { "a", "b", "c" }) await silo.Post(pods, Pod(name));
        var first = await silo.Get($"{pods}?limit=2");
        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(1, (int)first["metadata"]!["remainingItemCount"]!);
        await silo.Delete($"{pods}/c");
        await silo.Post(pods, Pod("d"));
        var second = await silo.Get($"{pods}?limit=2&continue={first["metadata"]!["continue"]}");
        Assert.Equal(["c"], Names(second));
        Assert.Equal((string)first["metadata"]!["resourceVersion"]!, (string)second["metadata"]!["resourceVersion"]!);
        Assert.Equal(["a", "b", "c"], Names(await silo.Get($"{pods}?resourceVersion={first["metadata"]!["resourceVersion"]}&resourceVersionMatch=Exact")));
        Assert.Equal(["a", "b", "d"], Names(await silo.Get($"{pods}?resourceVersion={first["metadata"]!["resourceVersion"]}&resourceVersionMatch=NotOlderThan")));
        Assert.Equal("Timeout", (string)(await silo.Get($"{pods}?resourceVersion=999999999", 504))["reason"]!);
        Assert.Equal("Expired", (string)(await silo.Get($"{pods}?continue=OTk5OTk5OTk5L2EvYg", 410))["reason"]!);
        Assert.Equal("BadRequest", (string)(await silo.Get($"{pods}?continue=x%2F", 400))["reason"]!);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_watch_begins_with_what_is_there_or_after_a_version()
    {
        var pods = await Pods();
        var created = await silo.Post(pods, Pod("a"));
        using var whole = await WatchStream.Open(silo, $"{pods}?watch=true");
        using var after = await WatchStream.Open(silo, $"{pods}?watch=true&labelSelector=x&resourceVersion={created["metadata"]!["resourceVersion"]}");
        using var announced = await WatchStream.Open(silo, $"{pods}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
        Assert.Equal("ADDED a", await whole.NextName());
        Assert.Equal("ADDED a", await announced.NextName());
        var bookmark = (await announced.Next())!.Value;
        Assert.Equal(("BOOKMARK", "true"), (bookmark.Type, (string)bookmark.Object["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!));
        await silo.Patch($"{pods}/a", "application/merge-patch+json", """{"metadata":{"labels":{"x":"1"}}}""");
        await silo.Patch($"{pods}/a", "application/merge-patch+json", """{"metadata":{"labels":{"x":null}}}""");
        await silo.Delete($"{pods}/a");
        // The scheduler's own changes come in between.
        Assert.Equal("ADDED a", await after.NextName());
        string seen;
        do seen = await after.NextName(); while (seen == "MODIFIED a");
        Assert.Equal("DELETED a", seen);
        do seen = await whole.NextName(); while (seen == "MODIFIED a");
        Assert.Equal("DELETED a", seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_watch_of_a_version_that_is_not_here_is_gone_and_one_with_a_time_ends()
    {
        var pods = await Pods();
        Assert.Equal((410, "Expired"), Status(await silo.Get($"{pods}?watch=true&resourceVersion=999999999", 410)));
        using var ending = await WatchStream.Open(silo, $"{pods}?watch=true&timeoutSeconds=1");
        Assert.Null(await ending.Next());
    }

    [Fact(Timeout = 60_000)]
    public async Task Unknown_fields_are_refused_told_or_passed_over_as_asked()
    {
        var pods = await Pods();
        var surplus = Pod("a").Replace("\"spec\":{", "\"spec\":{\"colour\":\"red\",");
        var refused = await silo.Post($"{pods}?fieldValidation=Strict", surplus, 400);
        Assert.Equal("spec.colour", (string)refused["details"]!["causes"]![0]!["field"]!);
        using var told = await silo.Http.PostAsync($"{pods}?dryRun=All", new StringContent(surplus, Encoding.UTF8, "application/json"), Limit);
        Assert.Contains("unknown field 'colour'", Assert.Single(told.Headers.GetValues("Warning")));
        using var ignored = await silo.Http.PostAsync($"{pods}?fieldValidation=Ignore", new StringContent(surplus, Encoding.UTF8, "application/json"), Limit);
        Assert.Equal((201, false), ((int)ignored.StatusCode, ignored.Headers.Contains("Warning")));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_dry_run_and_a_precondition_change_nothing()
    {
        var pods = await Pods();
        await silo.Post($"{pods}?dryRun=All", Pod("a"));
        await silo.Get($"{pods}/a", 404);
        var created = await silo.Post(pods, Pod("a"));
        Assert.Equal((409, "Conflict"), Status(await silo.Delete($"{pods}/a", """{"preconditions":{"uid":"other"}}""", 409)));
        await silo.Delete($"{pods}/a", """{"dryRun":["All"]}""");
        var stale = """{"metadata":{"resourceVersion":"1","labels":{"a":"b"}}}""";
        Assert.Equal((409, "Conflict"), Status(await silo.Patch($"{pods}/a", "application/merge-patch+json", stale, 409)));
        Assert.Equal((string)created["metadata"]!["uid"]!, (string)(await silo.Get($"{pods}/a"))["metadata"]!["uid"]!);
    }

    [Fact(Timeout = 60_000)]
    public async Task Objects_come_as_tables_metadata_yaml_and_compressed()
    {
        var pods = await Pods();
        await silo.Post(pods, Pod("a", new string('x', 200_000)));
        var table = JsonNode.Parse(await Accepting(pods, "application/json;as=Table;v=v1;g=meta.k8s.io"))!;
        Assert.Equal(("Table", "meta.k8s.io/v1", "a"), ((string)table["kind"]!, (string)table["apiVersion"]!, (string)table["rows"]![0]!["cells"]![0]!));
        Assert.Equal("PartialObjectMetadata", (string)table["rows"]![0]!["object"]!["kind"]!);
        var metadata = JsonNode.Parse(await Accepting(pods, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"))!;
        Assert.Null(metadata["items"]![0]!["spec"]);
        Assert.StartsWith("kind: PodList\n", await Accepting(pods, "application/yaml"));

        using var request = new HttpRequestMessage(HttpMethod.Get, pods) { Headers = { { "Accept-Encoding", "gzip" } } };
        using var response = await silo.Http.SendAsync(request, Limit);
        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        await using var unpacked = new GZipStream(await response.Content.ReadAsStreamAsync(Limit), CompressionMode.Decompress);
        Assert.Equal(["a"], Names((await JsonNode.ParseAsync(unpacked, cancellationToken: Limit))!));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("POST", "/api/v1/namespaces/default/pods", "{", 400)]
    [InlineData("POST", "/api/v1/namespaces/default/pods", """{"metadata":{"namespace":"other"}}""", 400)]
    [InlineData("POST", "/api/v1/namespaces/default/pods", """{"kind":"Node"}""", 400)]
    [InlineData("POST", "/api/v1/namespaces/none/pods", """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"a"}]}}""", 404)]
    [InlineData("POST", "/api/v1/pods", "{}", 405)]
    [InlineData("PUT", "/api/v1/namespaces/default/pods/a", """{"metadata":{"name":"b"}}""", 400)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/a/nothing", "", 404)]
    [InlineData("GET", "/api/v1/unheard", "", 404)]
    [InlineData("GET", "/apis/virt.orchestrator.dev/v2/virtualmachines", "", 404)]
    [InlineData("GET", "/api/v1/pods?labelSelector=a%20b", "", 400)]
    [InlineData("GET", "/api/v1/pods?limit=-1", "", 400)]
    [InlineData("GET", "/somewhere", "", 404)]
    public async Task A_request_that_means_nothing_is_refused_with_a_status(string method, string path, string body, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body.Length > 0) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await silo.Http.SendAsync(request, Limit);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Limit))!;
        Assert.Equal((status, "Failure", status), ((int)response.StatusCode, (string)answer["status"]!, (int)answer["code"]!));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Host", "evil.example")]
    public async Task A_web_page_is_not_served(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await silo.Http.SendAsync(request, Limit);
        Assert.Equal(401, (int)response.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Discovery_is_told_in_both_forms_and_openapi_in_three()
    {
        Assert.Contains("virt.orchestrator.dev", (await silo.Get("/apis"))["groups"]!.AsArray().Select(group => (string)group!["name"]!));
        var old = (await silo.Get("/api/v1"))["resources"]!.AsArray().Select(resource => (string)resource!["name"]!).Where(name => !name.Contains('/')).Order();
        var aggregated = JsonNode.Parse(await Accepting("/api", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"))!;
        Assert.Equal(old, aggregated["items"]![0]!["versions"]![0]!["resources"]!.AsArray().Select(resource => (string)resource!["resource"]!).Order());

        var schemas = (await silo.Get("/openapi/v2"))["definitions"]!;
        Assert.Equal("name", (string)schemas["io.k8s.api.core.v1.PodSpec"]!["properties"]!["containers"]!["x-kubernetes-patch-merge-key"]!);
        var paths = (await silo.Get("/openapi/v3"))["paths"]!.AsObject();
        foreach (var (_, path) in paths)
        {
            var document = await silo.Get((string)path!["serverRelativeURL"]!);
            Assert.NotEmpty(document["components"]!["schemas"]!.AsObject());
        }

        Assert.Equal("1", (string)(await silo.Get("/version"))["major"]!);
        foreach (var probe in new[] { "/healthz", "/livez", "/readyz" }) Assert.Equal("Healthy", await silo.Http.GetStringAsync(probe, Limit));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_collection_is_deleted_by_its_selector()
    {
        var pods = await Pods();
        foreach (var name in new[] { "a", "b", "c" }) await silo.Post(pods, Pod(name, label: name == "c" ? "keep" : "drop"));
        Assert.Equal(["a", "b"], Names(await silo.Delete($"{pods}?labelSelector=is%3Ddrop")));
        Assert.Equal(["c"], Names(await silo.Get(pods)));
        await silo.Post($"{pods}/c/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"c"}}""", 200);
        Assert.Empty(Names(await silo.Get(pods)));
    }

    private async Task<string> Pods() => $"/api/v1/namespaces/{await silo.Namespace()}/pods";

    private static string Pod(string name, string note = "", string label = "web") =>
        $$$"""{"metadata":{"name":"{{{name}}}","labels":{"is":"{{{label}}}"},"annotations":{"note":"{{{note}}}"}},"spec":{"containers":[{"name":"main","image":"web:1"}]}}""";

    private static IEnumerable<string> Names(JsonNode list) => list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!);

    private static (int, string) Status(JsonNode status) => ((int)status["code"]!, (string)status["reason"]!);

    private async Task<string> Accepting(string path, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(type));
        using var response = await silo.Http.SendAsync(request, Limit);
        return await response.Content.ReadAsStringAsync(Limit);
    }
}
