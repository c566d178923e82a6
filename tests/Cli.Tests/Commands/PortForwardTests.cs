using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Cli.Forwarding;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class PortForwardTests : ServerTest
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_connections_are_carried_each_alone_until_the_pod_is_gone()
    {
        PutPod("web");
        using var output = new ObservedStream();
        var running = Orc.RunAsync(["port-forward", "web", ":80", ":81", "--address=127.0.0.1"], output, Limit);
        await output.UntilAsync("-> 81\n");
        var (port, dead) = (PortOf(output, 80), PortOf(output, 81));
        using var first = await ConnectAsync(port);
        using var second = await ConnectAsync(port);
        Assert.Equal("ONE", await AskAsync(first, "one"));
        Assert.Equal("TWO", await AskAsync(second, "two"));
        using (var refused = await ConnectAsync(dead)) Assert.Equal(0, await refused.ReceiveAsync(new byte[1], Limit));
        first.Shutdown(SocketShutdown.Send);
        Assert.Equal("BYE", await ReadAsync(first, 3));
        Assert.Equal(0, await first.ReceiveAsync(new byte[1], Limit));
        second.Close(0);
        await Server.Workloads.ForwardDropped.Task.WaitAsync(Limit);

        Server.Objects.Remove("Pod", "web");
        var outcome = await running;
        Assert.Equal((1, $"an error occurred forwarding {dead} -> 81: nothing listens at port 81\nerror: lost connection to pod web: it is gone\n"), (outcome.ExitCode, outcome.Error));
        Assert.Equal(2, Regex.Count(outcome.Out, $"^Handling connection for {port}$", RegexOptions.Multiline));
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(port));
    }

    [Fact]
    public async Task A_pod_that_does_not_run_yet_is_waited_for_and_a_machine_has_no_names_of_ports()
    {
        PutPod("web", phase: "Pending");
        Assert.StartsWith("error: timed out waiting for a running pod of pod/web", (await Orc.RunAsync("port-forward pod/web :80 --pod-running-timeout=1ms")).Error, StringComparison.Ordinal);
        Server.Objects.WatchBegun = () => PutPod("web");
        using var output = new ObservedStream();
        using var interrupt = new CancellationTokenSource();
        var running = Orc.RunAsync(["port-forward", "web", ":80"], output, interrupt.Token);
        await output.UntilAsync("-> 80\n");
        await interrupt.CancelAsync();
        Assert.Equal(130, (await running).ExitCode);

        PutMachine("db");
        Assert.Equal("error: \"ssh\": the ports of a machine have no names, only numbers\n", (await Orc.RunAsync("port-forward vm/db 2222:ssh")).Error);
        Assert.Equal("error: node/n selects no pods, so there is none to forward to\n", (await PutNodeAsync("port-forward node/n 80")).Error);
        Assert.Equal("Error from server (NotFound): pods \"none\" not found\n", (await Orc.RunAsync("port-forward none 80")).Error);
        Assert.Equal("error: --address: \"here\" is no IP address, and not localhost\n", (await Orc.RunAsync("port-forward vm/db :80 --address here")).Error);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var used = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Equal($"error: unable to listen on 127.0.0.1:{used}: Address already in use\n", (await Orc.RunAsync($"port-forward vm/db {used}:80 --address 127.0.0.1")).Error);
    }

    [Theory]
    [InlineData("80", null, "80")]
    [InlineData("8080:80", 8080, "80")]
    [InlineData(":80", 0, "80")]
    [InlineData("0:http", 0, "http")]
    public void A_port_is_written_with_or_without_its_local_half(string text, int? local, string remote) => Assert.Equal(new PortMapping((ushort?)local, remote), PortMapping.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("80:")]
    [InlineData("1:2:3")]
    [InlineData("70000:80")]
    [InlineData("web:80")]
    public void What_is_no_port_is_refused(string text) => Assert.Throws<CommandException>(() => PortMapping.Parse(text));

    [Fact]
    public void Ports_of_services_and_pods_go_by_name_or_number()
    {
        var pod = Json("""{"metadata":{"name":"p"},"spec":{"containers":[{"ports":[{"name":"http","containerPort":8080},{"name":"dns","protocol":"UDP","containerPort":53}]}]}}""");
        var service = Json("""{"metadata":{"name":"s"},"spec":{"ports":[{"name":"web","port":80,"targetPort":"http"},{"port":443,"targetPort":8443},{"port":9},{"port":53,"protocol":"UDP"}]}}""");
        Assert.Equal(8080, RemotePorts.OfPod(pod, "http"));
        Assert.Equal(8080, RemotePorts.OfService(service, pod, "web"));
        Assert.Equal(8080, RemotePorts.OfService(service, pod, "80"));
        Assert.Equal(8443, RemotePorts.OfService(service, pod, "443"));
        Assert.Equal(9, RemotePorts.OfService(service, pod, "9"));
        Assert.Equal(77, RemotePorts.OfService(Json("""{"spec":{"clusterIP":"None"}}"""), pod, "77"));
        Assert.Equal("service s has no port 81", Assert.Throws<CommandException>(() => RemotePorts.OfService(service, pod, "81")).Message);
        Assert.Equal("pod p has no port named x", Assert.Throws<CommandException>(() => RemotePorts.OfPod(pod, "x")).Message);
        Assert.Equal("port dns speaks UDP; only TCP is forwarded", Assert.Throws<CommandException>(() => RemotePorts.OfPod(pod, "dns")).Message);
        Assert.Throws<CommandException>(() => RemotePorts.OfService(service, pod, "53"));
        Assert.Throws<CommandException>(() => RemotePorts.OfPod(pod, "65536"));
    }

    [Theory]
    [InlineData("""{"spec":{"selector":{"app":"web","tier":"front"}}}""", "app=web,tier=front")]
    [InlineData("""{"spec":{"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"a","operator":"In","values":["b","c"]},{"key":"d","operator":"DoesNotExist"}]}}}""", "app=web,a in (b,c),!d")]
    [InlineData("""{"spec":{"selector":{"matchExpressions":[{"key":"a","operator":"NotIn","values":["b"]},{"key":"d","operator":"Exists"}]}}}""", "a notin (b),d")]
    [InlineData("""{"spec":{}}""", "")]
    public void An_objects_pods_are_those_that_it_selects(string json, string selector) => Assert.Equal(selector, PodSelector.Of(Json(json)));

    private Task<Outcome> PutNodeAsync(string line)
    {
        Server.Objects.Put("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}""");
        return Orc.RunAsync(line);
    }

    private static JsonNode? Json(string text) => JsonNode.Parse(text);

    private static int PortOf(ObservedStream output, int remote) => int.Parse(Regex.Match(output.Text, $@"Forwarding from 127\.0\.0\.1:(\d+) -> {remote}\n").Groups[1].Value);

    private static async Task<Socket> ConnectAsync(int port)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, port, Limit);
        return client;
    }

    private static async Task<string> AskAsync(Socket client, string text)
    {
        await client.SendAsync(Encoding.UTF8.GetBytes(text), Limit);
        return await ReadAsync(client, text.Length);
    }

    private static async Task<string> ReadAsync(Socket client, int bytes)
    {
        var buffer = new byte[bytes];
        for (var read = 0; read < bytes;)
        {
            var more = await client.ReceiveAsync(buffer.AsMemory(read), Limit);
            Assert.NotEqual(0, more);
            read += more;
        }

        return Encoding.UTF8.GetString(buffer);
    }
}
