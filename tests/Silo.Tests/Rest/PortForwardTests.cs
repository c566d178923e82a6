using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using k8s;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;
using Orchestrator.Silo.Tests.Cluster;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>Ports over WebSocket and gRPC, with an agent that the test speaks for.</summary>
public sealed class PortForwardTests(RestSilo silo) : IClassFixture<RestSilo>
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Kubernetes_client_speaks_with_one_port_while_another_fails()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        using var client = new Kubernetes(new KubernetesClientConfiguration { Host = silo.Http.BaseAddress!.ToString() });
        var opening = client.WebSocketNamespacedPodPortForwardAsync("web", ns, [80, 81], "v4.channel.k8s.io", cancellationToken: Limit);
        var calls = new Dictionary<int, AsyncDuplexStreamingCall<AgentFrame, SiloFrame>>();
        while (calls.Count < 2)
        {
            var (asked, call) = await agent.NextStream();
            calls.Add(asked.Forward.Port, call);
        }

        using var socket = await opening;
        using var streams = new StreamDemuxer(socket, StreamType.PortForward);
        streams.Start();
        using var web = streams.GetStream((byte?)0, (byte?)0);
        using var none = streams.GetStream((byte?)3, null);
        await calls[81].RequestStream.WriteAsync(new AgentFrame { Error = new StreamError { Reason = "Unavailable", Message = "nothing listens at port 81" } }, Limit);
        await calls[81].RequestStream.CompleteAsync();
        Assert.Equal("nothing listens at port 81", await Text(none, 26));

        await web.WriteAsync("GET /"u8.ToArray(), Limit);
        Assert.True(await calls[80].ResponseStream.MoveNext(Limit));
        Assert.Equal("GET /", calls[80].ResponseStream.Current.Stdin.ToStringUtf8());
        await calls[80].RequestStream.WriteAsync(new AgentFrame { Stdout = ByteString.CopyFromUtf8("a page") }, Limit);
        Assert.Equal("a page", await Text(web, 6));
        socket.Abort();
        // With the client go its connections.
        while (await calls[80].ResponseStream.MoveNext(Limit)) { }
        foreach (var call in calls.Values) call.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task Each_channel_begins_with_its_port_and_the_socket_ends_with_the_last_connection()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v4.channel.k8s.io");
        var opening = socket.ConnectAsync(silo.Socket($"/api/v1/namespaces/{ns}/pods/web/portforward?ports=8080"), Limit);
        var (_, call) = await agent.NextStream();
        using var opened = call;
        await opening;
        Assert.Equal([0, 0x90, 0x1F], await Receive(socket));
        Assert.Equal([1, 0x90, 0x1F], await Receive(socket));
        // What is said on a channel of failures, or of a port that wasn't asked for, belongs to nobody.
        await socket.SendAsync(new byte[] { 1, 65 }, WebSocketMessageType.Binary, true, Limit);
        await socket.SendAsync(new byte[] { 8, 65 }, WebSocketMessageType.Binary, true, Limit);
        await socket.SendAsync(new byte[] { 0, 66 }, WebSocketMessageType.Binary, true, Limit);
        Assert.True(await call.ResponseStream.MoveNext(Limit));
        Assert.Equal("B", call.ResponseStream.Current.Stdin.ToStringUtf8());
        await call.RequestStream.CompleteAsync();
        Assert.Empty(await Receive(socket));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact(Timeout = 60_000)]
    public async Task Over_grpc_a_half_ends_alone_and_a_failure_has_its_words()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        var workloads = silo.Process.Workloads;
        using (var client = workloads.PortForward(cancellationToken: Limit))
        {
            await client.RequestStream.WriteAsync(new ForwardInput { Start = new ForwardStart { Namespace = ns, Pod = "web", Port = 80 } }, Limit);
            var (asked, call) = await agent.NextStream();
            using var opened = call;
            Assert.Equal((80, "web"), (asked.Forward.Port, asked.Forward.Workload.Name));
            await client.RequestStream.WriteAsync(new ForwardInput { Data = ByteString.CopyFromUtf8("ping") }, Limit);
            await client.RequestStream.CompleteAsync();
            Assert.True(await call.ResponseStream.MoveNext(Limit));
            Assert.Equal("ping", call.ResponseStream.Current.Stdin.ToStringUtf8());
            Assert.True(await call.ResponseStream.MoveNext(Limit));
            Assert.True(call.ResponseStream.Current.EndOfStdin);
            await call.RequestStream.WriteAsync(new AgentFrame { Stdout = ByteString.CopyFromUtf8("pong") }, Limit);
            Assert.True(await client.ResponseStream.MoveNext(Limit));
            Assert.Equal("pong", client.ResponseStream.Current.Data.ToStringUtf8());
            await call.RequestStream.WriteAsync(new AgentFrame { Error = new StreamError { Reason = "Unavailable", Message = "it broke" } }, Limit);
            await call.RequestStream.CompleteAsync();
            var failed = await Assert.ThrowsAsync<RpcException>(() => client.ResponseStream.MoveNext(Limit));
            Assert.Equal((StatusCode.Unavailable, "it broke"), (failed.StatusCode, failed.Status.Detail));
        }

        foreach (var (start, code) in new[]
        {
            (new ForwardStart { Namespace = ns, Pod = "web", Port = 70_000 }, StatusCode.InvalidArgument), (new ForwardStart { Namespace = ns, Pod = "web" }, StatusCode.InvalidArgument),
            (new ForwardStart { Namespace = ns, Pod = "none", Port = 80 }, StatusCode.NotFound), (new ForwardStart { Namespace = ns, VirtualMachine = "web", Port = 80 }, StatusCode.NotFound),
        })
        {
            using var refused = workloads.PortForward(cancellationToken: Limit);
            await refused.RequestStream.WriteAsync(new ForwardInput { Start = start }, Limit);
            Assert.Equal((start, code), (start, (await Assert.ThrowsAsync<RpcException>(() => refused.ResponseStream.MoveNext(Limit))).StatusCode));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task What_cannot_be_forwarded_is_a_plain_refusal()
    {
        var ns = await silo.Namespace();
        using var agent = await silo.AgentOfWeb(ns);
        var pod = $"/api/v1/namespaces/{ns}/pods/web/portforward";
        Assert.Contains("orc port-forward", (string)(await silo.Post(pod + "?ports=80", "", 400))["message"]!);
        foreach (var (path, protocol, code) in new[]
        {
            (pod, "v4.channel.k8s.io", 400), (pod + "?ports=http", "v4.channel.k8s.io", 400), (pod + "?ports=0", "v4.channel.k8s.io", 400),
            (pod + "?ports=" + string.Join(',', Enumerable.Range(1, 128)), "v4.channel.k8s.io", 400), (pod + "?ports=80", "SPDY/3.1+portforward.k8s.io", 400),
            ($"/api/v1/namespaces/{ns}/pods/none/portforward?ports=80", "v4.channel.k8s.io", 404), ($"/api/v1/namespaces/{ns}/services/web/portforward?ports=80", "v4.channel.k8s.io", 404),
            ($"/apis/virt.orchestrator.dev/v1/namespaces/{ns}/virtualmachines/none/portforward?ports=80", "v4.channel.k8s.io", 404),
        })
        {
            using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
            // The name has characters that the client takes for none of a header; the wire has them all the same.
            if (protocol.Contains('/')) socket.Options.SetRequestHeader("Sec-WebSocket-Protocol", protocol);
            else socket.Options.AddSubProtocol(protocol);
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(silo.Socket(path), Limit));
            Assert.Equal((path, code), (path, (int)socket.HttpStatusCode));
        }
    }

    /// <summary>The next message with its channel; empty at the end.</summary>
    private static async Task<byte[]> Receive(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, Limit);
        return received.MessageType == WebSocketMessageType.Close ? [] : buffer[..received.Count];
    }

    private static async Task<string> Text(Stream stream, int bytes)
    {
        var buffer = new byte[bytes];
        await stream.ReadExactlyAsync(buffer, Limit);
        return Encoding.UTF8.GetString(buffer);
    }
}
