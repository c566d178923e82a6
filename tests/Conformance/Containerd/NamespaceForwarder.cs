using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Orchestrator.Conformance.Containerd;

/// <summary>
/// Makes one loopback port of a network namespace reachable on the same port of ours, for a test that is not in it:
/// containerd's stream server listens on its own loopback only.
/// </summary>
internal sealed partial class NamespaceForwarder : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _namespace;
    private readonly int _port;
    private readonly Task _accepting;

    public NamespaceForwarder(string networkNamespace, int port)
    {
        (_namespace, _port) = (networkNamespace, port);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(JoinAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task JoinAsync(Socket outside)
    {
        using var near = new NetworkStream(outside, ownsSocket: true);
        var socket = CreateInside();
        await socket.ConnectAsync(IPAddress.Loopback, _port, _stopping.Token);
        using var far = new NetworkStream(socket, ownsSocket: true);
        await Task.WhenAny(near.CopyToAsync(far, _stopping.Token), far.CopyToAsync(near, _stopping.Token));
    }

    /// <summary>A socket belongs to the namespace of the thread that made it; the thread is used for nothing else.</summary>
    private Socket CreateInside()
    {
        Socket? socket = null;
        var thread = new Thread(() =>
        {
            using var handle = File.OpenHandle($"/run/netns/{_namespace}");
            if (setns(handle.DangerousGetHandle().ToInt32(), NewNetwork) == 0) socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new IOException($"the network namespace {_namespace} could not be entered");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int handle, int kind);
}
