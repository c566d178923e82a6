using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Silo.Tests.Rest;

namespace Orchestrator.Silo.Tests.Hostile;

/// <summary>
/// Both doors are sent what nobody should send, by a seed: every answer is a refusal with a reason, or a success where the input happened to
/// be good; the silo lives on and its memory stays bounded. <c>./dev soak doors</c> runs the long form with DOORS_SOAK_INPUTS and DOORS_SOAK_SEED.
/// </summary>
public sealed class DoorTests(RestSilo silo, ITestOutputHelper output) : IClassFixture<RestSilo>
{
    private const int MostMegabytes = 1000;

    private static readonly string[] Collections =
        ["/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/pods", "/apis/apps/v1/namespaces/default/deployments", "/apis/coordination.k8s.io/v1/namespaces/default/leases", "/api/v1/namespaces/default/secrets", "/api/v1/namespaces"];

    private static readonly string[] Parts = ["", "", "/a", "/p", "/d", "/d/status", "/d/scale", "/p/eviction", "/p/log", "/a/nonsense", "/%2e%2e", "/a%00b", "/é", "/a/b/c/d"];

    private static readonly string[] Types =
        ["application/json", "application/json", "application/yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml", "application/vnd.kubernetes.protobuf", "text/plain", "nonsense"];

    private static readonly string[] Queries =
        ["", "", "?dryRun=All", "?fieldManager=x&force=true", "?fieldValidation=Strict", "?limit=-1", "?limit=99999999999999999999", "?continue=%ff%fe", "?resourceVersion=x", "?labelSelector=((", "?labelSelector=a+in+(", "?fieldSelector=a.b.c%3D", "?gracePeriodSeconds=-5", "?propagationPolicy=Sideways", "?timeoutSeconds=1&resourceVersion=-7", "?fieldManager=" + "%41%41%41%41"];

    private static readonly string[] Methods =
        ["Objects/Apply", "Objects/Create", "Objects/Get", "Objects/List", "Objects/Update", "Objects/UpdateStatus", "Objects/Patch", "Objects/Delete", "Objects/Kinds", "Objects/Nonsense", "Workloads/Explain", "Admin/Restore"];

    private static readonly Dictionary<string, MessageParser> Requests = new()
    {
        ["Apply"] = ApplyRequest.Parser,
        ["Create"] = CreateRequest.Parser,
        ["Get"] = GetRequest.Parser,
        ["List"] = ListRequest.Parser,
        ["Update"] = UpdateRequest.Parser,
        ["UpdateStatus"] = UpdateRequest.Parser,
        ["Patch"] = PatchRequest.Parser,
        ["Delete"] = DeleteRequest.Parser,
        ["Kinds"] = KindsRequest.Parser,
        ["Nonsense"] = KindsRequest.Parser,
        ["Explain"] = ExplainRequest.Parser,
        ["Restore"] = BackupPart.Parser,
    };

    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    private static int Inputs => int.TryParse(Environment.GetEnvironmentVariable("DOORS_SOAK_INPUTS"), out var inputs) ? inputs : 1500;
    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("DOORS_SOAK_SEED"), out var seed) ? seed : 7;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_REST_door_refuses_with_a_reason()
    {
        var (random, counts) = (new Random(Seed), new SortedDictionary<int, int>());
        var hostile = new HostileText(random);
        for (var input = 0; input < Inputs; input++)
        {
            var method = new[] { HttpMethod.Post, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Patch, HttpMethod.Delete, HttpMethod.Get }[random.Next(7)];
            var path = Pick(Collections) + Pick(Parts) + Pick(Queries);
            using var request = new HttpRequestMessage(method, path);
            if (method != HttpMethod.Get)
            {
                request.Content = new ByteArrayContent(hostile.Next());
                request.Content.Headers.TryAddWithoutValidation("Content-Type", Pick(Types));
            }

            using var answer = await silo.Http.SendAsync(request, Limit);
            var (status, text) = ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Limit));
            counts[status] = counts.GetValueOrDefault(status) + 1;
            var what = $"seed {Seed}, input {input}: {method} {path} answered {status} {text[..Math.Min(500, text.Length)]}";
            Assert.True(status < 500 || (status == 504 && text.Contains("\"Timeout\"", StringComparison.Ordinal)), what);
            if (status < 400) continue;
            // A path with a NUL in it is refused before it comes to any door, without a word.
            if (text.Length == 0 && status == 400 && path.Contains("%00", StringComparison.Ordinal)) continue;
            Assert.True(text.Length > 0 && text[0] == '{', what);
            var reason = JsonNode.Parse(text)!;
            Assert.True((string?)reason["kind"] == "Status" && (int?)reason["code"] == status && ((string?)reason["message"])?.Length > 0, what);
        }

        Alive();
        output.WriteLine($"seed {Seed}: {Inputs} requests, answered {string.Join(", ", counts.Select(one => $"{one.Key}: {one.Value}"))}; {silo.Process.MemoryMegabytes} MB");

        string Pick(string[] from) => from[random.Next(from.Length)];
    }

    [Fact]
    public async Task The_gRPC_door_refuses_with_a_code()
    {
        var (random, counts) = (new Random(Seed), new SortedDictionary<StatusCode, int>());
        var hostile = new HostileText(random);
        var invoker = silo.Process.Channel.CreateCallInvoker();
        for (var input = 0; input < Inputs; input++)
        {
            var name = Methods[random.Next(Methods.Length)].Split('/');
            var type = name[1] == "Restore" ? MethodType.ClientStreaming : MethodType.Unary;
            var method = new Method<byte[], byte[]>(type, $"orchestrator.api.v1.{name[0]}", name[1], Raw, Raw);
            var bytes = random.Next(3) == 0 ? hostile.Noise(random.Next(300)) : Message(random, hostile);
            var code = await Call(invoker, method, bytes);
            counts[code] = counts.GetValueOrDefault(code) + 1;
            // Bytes that are no message of the method's type don't come to the door: gRPC itself answers them so.
            if (code == StatusCode.Unknown && !IsMessage(name[1], bytes)) continue;
            Assert.True(code is not (StatusCode.Unknown or StatusCode.Internal or StatusCode.Unavailable), $"seed {Seed}, input {input}: {method.FullName} answered {code} to {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 300)])}");
        }

        Alive();
        output.WriteLine($"seed {Seed}: {Inputs} calls, answered {string.Join(", ", counts.Select(one => $"{one.Key}: {one.Value}"))}; {silo.Process.MemoryMegabytes} MB");
    }

    /// <summary>What no HTTP client would send: lengths that lie, headers without end, requests that stop in the middle.</summary>
    [Theory]
    [InlineData("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{}", "413")]
    [InlineData("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", "400")]
    [InlineData("GET /api HTTP/9.9\r\n\r\n", "505")]
    [InlineData("nonsense\r\n\r\n", "400")]
    public async Task A_broken_request_is_answered_or_cut_off(string request, string status)
    {
        var answer = await SendRaw(Encoding.ASCII.GetBytes(request));
        Assert.StartsWith($"HTTP/1.1 {status}", answer);
        Alive();
    }

    [Fact]
    public async Task Headers_without_end_and_paths_without_end_are_refused()
    {
        Assert.StartsWith("HTTP/1.1 431", await SendRaw(Encoding.ASCII.GetBytes($"GET /api HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {new string('x', 100_000)}\r\n\r\n")));
        Assert.StartsWith("HTTP/1.1 414", await SendRaw(Encoding.ASCII.GetBytes($"GET /api/{new string('x', 100_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")));
        Alive();
    }

    [Fact]
    public async Task A_thousand_idle_watches_cost_little()
    {
        var before = silo.Process.MemoryMegabytes;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var watches = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ =>
            silo.Http.GetAsync("/api/v1/configmaps?watch=true&resourceVersion=1", HttpCompletionOption.ResponseHeadersRead, ended.Token)));
        Assert.All(watches, watch => Assert.Equal(HttpStatusCode.OK, watch.StatusCode));
        var grown = silo.Process.MemoryMegabytes - before;
        output.WriteLine($"1000 idle watches: {grown} MB more");
        Assert.True(grown < 200, $"{grown} MB more");
        foreach (var watch in watches) watch.Dispose();
        Alive();
    }

    private static bool IsMessage(string method, byte[] bytes)
    {
        try
        {
            Requests[method].ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>A message that begins well: a field that holds text, then whatever.</summary>
    private static byte[] Message(Random random, HostileText hostile)
    {
        var body = hostile.Next();
        body = body[..Math.Min(body.Length, 16_000)];
        byte[] field = [(byte)((random.Next(1, 6) << 3) | 2), (byte)((body.Length & 0x7F) | 0x80), (byte)(body.Length >> 7), .. body];
        // Manifests are a message in a message.
        return random.Next(2) == 0 || field.Length > 16_000 ? field : [(1 << 3) | 2, (byte)((field.Length & 0x7F) | 0x80), (byte)(field.Length >> 7), .. field];
    }

    private static async Task<StatusCode> Call(CallInvoker invoker, Method<byte[], byte[]> method, byte[] message)
    {
        try
        {
            if (method.Type == MethodType.Unary)
            {
                await invoker.AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Limit), message);
                return StatusCode.OK;
            }

            using var call = invoker.AsyncClientStreamingCall(method, null, new CallOptions(cancellationToken: Limit));
            await call.RequestStream.WriteAsync(message, Limit);
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private async Task<string> SendRaw(byte[] request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, silo.Http.BaseAddress!.Port, Limit);
        var stream = socket.GetStream();
        try
        {
            await stream.WriteAsync(request, Limit);
        }
        catch (IOException)
        {
            // It has said its answer and hears no more.
        }

        var answer = new byte[4096];
        return Encoding.ASCII.GetString(answer, 0, await stream.ReadAsync(answer, Limit));
    }

    private void Alive()
    {
        Assert.True(silo.Process.Running);
        Assert.True(silo.Process.MemoryMegabytes < MostMegabytes, $"{silo.Process.MemoryMegabytes} MB");
    }
}
