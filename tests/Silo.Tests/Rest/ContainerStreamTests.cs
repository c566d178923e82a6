using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using k8s;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Tests.Cluster;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>exec and attach over WebSocket, with an agent that the test speaks for.</summary>
public sealed class ContainerStreamTests(RestSilo silo) : IClassFixture<RestSilo>
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Kubernetes_client_runs_a_command_feeds_it_and_reads_its_exit_code()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        using var client = new Kubernetes(new KubernetesClientConfiguration { Host = silo.Http.BaseAddress!.ToString() });
        var (heard, warned) = ("", "");
        var running = client.NamespacedPodExecAsync("web", ns, "main", ["sh", "-c", "tr a-z A-Z; exit 3"], tty: false, async (stdin, stdout, stderr) =>
        {
            await stdin.WriteAsync("hello\n"u8.ToArray(), Limit);
            heard = await Line(stdout);
            warned = await Line(stderr);
        }, Limit);

        var (asked, call) = await agent.NextStream();
        using var opened = call;
        Assert.Equal((true, false, "main", "sh -c tr a-z A-Z; exit 3"), (asked.Exec.Stdin, asked.Exec.Tty, asked.Exec.Container, string.Join(' ', asked.Exec.Command)));
        Assert.Equal("hello\n", (await Next(call)).Stdin.ToStringUtf8());
        await call.RequestStream.WriteAsync(new AgentFrame { Stdout = ByteString.CopyFromUtf8("HELLO\n") }, Limit);
        await call.RequestStream.WriteAsync(new AgentFrame { Stderr = ByteString.CopyFromUtf8("careful\n") }, Limit);
        await call.RequestStream.WriteAsync(new AgentFrame { ExitCode = 3 }, Limit);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(3, await running);
        Assert.Equal(("HELLO\n", "careful\n"), (heard, warned));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_fifth_protocol_closes_stdin_alone_and_a_terminal_has_a_size()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        var opening = Open($"/api/v1/namespaces/{ns}/pods/web/exec?command=cat&stdin=true&stdout=true&stderr=true&tty=true", "v4.channel.k8s.io", "v5.channel.k8s.io");
        var (asked, call) = await agent.NextStream();
        using var opened = call;
        using var socket = await opening;
        Assert.Equal(("v5.channel.k8s.io", true), (socket.SubProtocol, asked.Exec.Tty));
        await Send(socket, [4, .. "{\"Width\":120,\"Height\":40}"u8]);
        Assert.Equal(new Resize { Columns = 120, Rows = 40 }, (await Next(call)).Resize);
        await Send(socket, [4, .. "nonsense"u8]);
        await Send(socket, [0, .. "bye"u8]);
        Assert.Equal("bye", (await Next(call)).Stdin.ToStringUtf8());
        await Send(socket, [255, 0]);
        Assert.True((await Next(call)).EndOfStdin);
        await call.RequestStream.WriteAsync(new AgentFrame { Stdout = ByteString.CopyFromUtf8("bye") }, Limit);
        await call.RequestStream.WriteAsync(new AgentFrame { ExitCode = 0 }, Limit);
        await call.RequestStream.CompleteAsync();
        Assert.Equal("\u0001bye", await Receive(socket));
        var status = await Receive(socket);
        Assert.Equal((3, "Success"), (status[0], (string?)JsonNode.Parse(status[1..])!["status"]));
        Assert.Equal("", await Receive(socket));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact(Timeout = 60_000)]
    public async Task Attach_tells_what_goes_wrong_on_the_way_and_ends_with_its_client()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        var opening = Open($"/api/v1/namespaces/{ns}/pods/web/attach?stdin=true&stdout=true", "v4.channel.k8s.io");
        var (asked, call) = await agent.NextStream();
        using (var socket = await opening)
        {
            // The container has no standard input, whatever the client would like.
            Assert.Equal(("main", false), (asked.Attach.Container, asked.Attach.Stdin));
            await call.RequestStream.WriteAsync(new AgentFrame { Error = new StreamError { Reason = "Internal", Message = "the runtime is away" } }, Limit);
            await call.RequestStream.CompleteAsync();
            Assert.Contains("the runtime is away", await Receive(socket));
        }

        call.Dispose();
        opening = Open($"/api/v1/namespaces/{ns}/pods/web/attach?stdout=true", "v4.channel.k8s.io");
        (_, call) = await agent.NextStream();
        using (var socket = await opening) socket.Abort();
        Assert.False(await call.ResponseStream.MoveNext(Limit));
        call.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_cannot_be_opened_is_a_plain_refusal()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        var pod = $"/api/v1/namespaces/{ns}/pods/web";
        Assert.Contains("not over SPDY", (string)(await silo.Post(pod + "/exec?command=ls", "", 400))["message"]!);
        foreach (var (path, protocol, code) in new[]
        {
            (pod + "/exec?command=ls&container=other", "v4.channel.k8s.io", 400), (pod + "/exec", "v4.channel.k8s.io", 400), (pod + "/exec?command=ls", "v1.nobody.knows", 400),
            ($"/api/v1/namespaces/{ns}/pods/none/exec?command=ls", "v4.channel.k8s.io", 404),
        })
        {
            using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
            socket.Options.AddSubProtocol(protocol);
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(silo.Socket(path), Limit));
            Assert.Equal((path, code), (path, (int)socket.HttpStatusCode));
        }
    }

    private async Task<ClientWebSocket> Open(string path, params string[] protocols)
    {
        var socket = new ClientWebSocket();
        foreach (var protocol in protocols) socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(silo.Socket(path), Limit);
        return socket;
    }

    private static Task Send(ClientWebSocket socket, byte[] message) => socket.SendAsync(message, WebSocketMessageType.Binary, true, Limit);

    /// <summary>The next message with its channel; empty at the end.</summary>
    private static async Task<string> Receive(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, Limit);
        return received.MessageType == WebSocketMessageType.Close ? "" : Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static async Task<SiloFrame> Next(AsyncDuplexStreamingCall<AgentFrame, SiloFrame> call) =>
        await call.ResponseStream.MoveNext(Limit) ? call.ResponseStream.Current : throw new InvalidOperationException("the stream has ended");

    private static async Task<string> Line(Stream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, Limit) == 1)
        {
            text.Append((char)one[0]);
            if (one[0] == '\n') break;
        }

        return text.ToString();
    }
}
