using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Cli.Forwarding;

/// <summary>The sockets that listen here, one for each address and port.</summary>
internal sealed class LocalPorts : IDisposable
{
    private const int Backlog = 128;
    private readonly List<(Socket Socket, PortPair Pair)> _listeners = [];

    public IReadOnlyList<(Socket Socket, PortPair Pair)> All => _listeners;

    /// <summary>Listens at every address, and where the port is any, at the same one; of the two addresses of <c>localhost</c> one is enough.</summary>
    /// <exception cref="CommandException">An address is none, or can't be listened at.</exception>
    public static LocalPorts Listen(IReadOnlyList<string> hosts, IEnumerable<PortPair> ports)
    {
        var all = new LocalPorts();
        try
        {
            foreach (var pair in ports)
            {
                var local = pair.Local;
                foreach (var host in hosts)
                {
                    all.Add(host, local, pair.Remote);
                    local = all._listeners[^1].Pair.Local;
                }
            }

            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (socket, _) in _listeners) socket.Dispose();
    }

    private void Add(string host, ushort local, int remote)
    {
        if (host != "localhost")
        {
            if (!IPAddress.TryParse(host, out var address)) throw new CommandException($"--address: \"{host}\" is no IP address, and not localhost");
            if (TryAdd(address, local, remote) is { } error) throw new CommandException(error);
            return;
        }

        var failed = TryAdd(IPAddress.Loopback, local, remote);
        if (failed is null) local = _listeners[^1].Pair.Local;
        if (TryAdd(IPAddress.IPv6Loopback, local, remote) is not null && failed is not null) throw new CommandException(failed);
    }

    /// <returns>What went wrong.</returns>
    private string? TryAdd(IPAddress address, ushort local, int remote)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, local));
            socket.Listen(Backlog);
            _listeners.Add((socket, new PortPair((ushort)((IPEndPoint)socket.LocalEndPoint!).Port, remote)));
            return null;
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            return $"unable to listen on {new IPEndPoint(address, local)}: {failed.Message}";
        }
    }
}
