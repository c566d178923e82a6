using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Forwarding;

/// <summary>
/// One connection of a local program, carried by one call: its bytes there, the workload's here, each as fast as the other side takes
/// them. Our side may end its half first; when the workload has ended its own, the connection is over.
/// </summary>
internal sealed class ForwardedConnection(Workloads.WorkloadsClient workloads, ForwardStart start)
{
    private const int BufferBytes = 32 << 10;

    /// <exception cref="RpcException">The server refused, nobody listens there, or the way was lost.</exception>
    /// <exception cref="SocketException">The local program is gone.</exception>
    public async Task CarryAsync(Socket local, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = workloads.PortForward(cancellationToken: ended.Token);
        // What goes wrong with sending, the answers tell.
        var sending = SendAsync(local, call.RequestStream, ended);
        try
        {
            await foreach (var output in call.ResponseStream.ReadAllAsync(ended.Token))
                for (var rest = output.Data.Memory; rest.Length > 0;) rest = rest[await local.SendAsync(rest, ended.Token)..];
        }
        finally
        {
            await ended.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(Socket local, IClientStreamWriter<ForwardInput> requests, CancellationTokenSource ended)
    {
        try
        {
            await requests.WriteAsync(new ForwardInput { Start = start }, ended.Token);
            var buffer = new byte[BufferBytes];
            while (await local.ReceiveAsync(buffer, ended.Token) is > 0 and var count)
                await requests.WriteAsync(new ForwardInput { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) }, ended.Token);
            await requests.CompleteAsync();
        }
        catch (SocketException)
        {
            // The program was killed or has hung up: nobody hears the workload any more.
            await ended.CancelAsync();
        }
    }
}
