using System.Text;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Conformance.Fakes;

/// <summary>
/// The stream server's half of portforward.k8s.io. What the pod's containers were made to listen at (<c>nc -ll -p PORT -e cat</c>) sends
/// back what it hears; at other ports nobody listens, in the words of the real one.
/// </summary>
internal static class FakeForward
{
    public static async Task RunAsync(HttpContext context, FakeContainerd host)
    {
        await using var spdy = await FakeSpdy.AcceptAsync(context, "portforward.k8s.io");
        var (streams, port) = (new Dictionary<string, int>(), "");
        while (streams.Count < 2)
        {
            if (await spdy.ReadAsync() is not { Headers: { } headers } opened) continue;
            streams[headers["streamtype"]] = opened.Stream;
            port = headers["port"];
            // The real one refuses streams without it where several connections share the protocol.
            if (headers["requestid"].Length == 0) return;
        }

        if (!Listens(host, context.Request.Query["sandbox"].ToString(), port))
            await spdy.SendAsync(streams["error"], $"error forwarding port {port}: dial tcp4 127.0.0.1:{port}: connect: connection refused", false);
        else
            while (await spdy.ReadAsync() is { Last: false } frame) await spdy.SendAsync(streams["data"], Encoding.UTF8.GetString(frame.Data), false);
        await spdy.SendAsync(streams["error"], "", true);
        await spdy.SendAsync(streams["data"], "", true);
    }

    private static bool Listens(FakeContainerd host, string sandbox, string port)
    {
        lock (host.Lock) return host.Containers.Values.Any(one => one.SandboxId == sandbox && one.Config.Command.Any(word => word.Contains($"nc -ll -p {port} ", StringComparison.Ordinal)));
    }
}
