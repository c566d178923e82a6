using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Forwarding;

/// <summary>
/// Takes connections at local ports and carries each to the workload, until the workload ends or the user interrupts. A connection that
/// fails is told of, and disturbs no other.
/// </summary>
internal sealed class PortForwarding(Invocation invocation, ForwardDestination destination)
{
    private readonly Lock _printing = new();

    /// <exception cref="CommandException">The workload has ended.</exception>
    public async Task RunAsync(LocalPorts ports)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation);
        var end = WorkloadEnd.AwaitAsync(invocation.Server, destination.Watch, destination.Uid, ended.Token);
        foreach (var (socket, pair) in ports.All) Print(invocation.Out, $"Forwarding from {socket.LocalEndPoint} -> {pair.Remote}");
        Task[] all = [end, .. ports.All.Select(port => AcceptAsync(port.Socket, port.Pair, ended.Token))];
        await Task.WhenAny(all);
        await ended.CancelAsync();
        await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        invocation.Cancellation.ThrowIfCancellationRequested();
        foreach (var task in all.Where(task => task.IsFaulted)) await task;
        throw new CommandException($"lost connection to {destination.Display}: {await end}");
    }

    private async Task AcceptAsync(Socket listener, PortPair pair, CancellationToken cancellation)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                var local = await listener.AcceptAsync(cancellation);
                Print(invocation.Out, $"Handling connection for {((IPEndPoint)listener.LocalEndPoint!).Port}");
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(CarryAsync(local, pair, cancellation));
            }
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(Socket local, PortPair pair, CancellationToken cancellation)
    {
        using var closed = local;
        local.NoDelay = true;
        var start = destination.Start.Clone();
        start.Port = pair.Remote;
        try
        {
            await new ForwardedConnection(invocation.Server.Workloads, start).CarryAsync(local, cancellation);
        }
        catch (RpcException failed) when (failed.StatusCode != StatusCode.Cancelled)
        {
            Print(invocation.Error, $"an error occurred forwarding {pair.Local} -> {pair.Remote}: {failed.Status.Detail}");
        }
        catch (Exception over) when (over is SocketException or RpcException or OperationCanceledException)
        {
            // The local program has gone, or all is over.
        }
    }

    private void Print(StreamWriter writer, string line)
    {
        lock (_printing)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }
}
