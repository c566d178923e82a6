using System.Net;
using System.Net.Sockets;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>Joins a stream of the silo to a port of a machine's address, from the host that the machine runs on.</summary>
internal sealed class MachineForward(MachineDriver driver, TimeProvider time)
{
    private const int BufferBytes = 32 << 10;
    private static readonly TimeSpan Answers = TimeSpan.FromSeconds(10);

    public async Task<StreamEnd> RunAsync(ForwardTarget target, WorkloadStream stream, CancellationToken cancellation)
    {
        var id = WorkloadId.From(target.Workload);
        var machine = await driver.GetAsync(id, cancellation);
        var (name, port) = ($"machine {id.Namespace}/{id.Name}", target.Port);
        if (machine.Latest(DesiredWorkload.MachineUnit)?.State != UnitState.Running) return StreamEnd.BadRequest($"{name} is not running");
        var addresses = machine.Interfaces.Select(card => IPAddress.TryParse(card.IpAddress, out var address) ? address : null).OfType<IPAddress>().ToList();
        if (addresses.Count == 0) return StreamEnd.BadRequest($"{name} has no card with an address of the cluster, so none of its ports can be reached");
        using var socket = new Socket(addresses[0].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = new CancellationTokenSource(Answers, time);
        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await socket.ConnectAsync(addresses[0], port, connecting.Token);
            return await WorkloadStream.BesideInputAsync(token => SendAsync(socket, stream, token), () => ReceiveAsync(socket, stream, cancellation), cancellation);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return StreamEnd.Unavailable($"{name} does not answer at port {port} within {Answers.TotalSeconds} s");
        }
        catch (SocketException failed)
        {
            return StreamEnd.Unavailable(failed.SocketErrorCode == SocketError.ConnectionRefused
                ? $"nothing listens at port {port} of {name}" : $"port {port} of {name}: {failed.Message}");
        }
    }

    private static async Task<StreamEnd> ReceiveAsync(Socket socket, WorkloadStream stream, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var count) await stream.WriteOutputAsync(buffer.AsMemory(0, count), cancellation);
        return StreamEnd.Completed;
    }

    private static async Task SendAsync(Socket socket, WorkloadStream stream, CancellationToken cancellation)
    {
        await foreach (var frame in stream.Input.ReadAllAsync(cancellation))
        {
            for (var rest = frame.Stdin.Memory; rest.Length > 0;) rest = rest[await socket.SendAsync(rest, cancellation)..];
            if (frame.FrameCase == SiloFrame.FrameOneofCase.EndOfStdin) socket.Shutdown(SocketShutdown.Send);
        }
    }
}
