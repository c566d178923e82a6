using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Terminal;

/// <summary>A machine's serial console: what it has printed, then live, both ways, until it ends or the user leaves.</summary>
internal sealed class ConsoleSession(Invocation invocation)
{
    /// <summary>Ctrl-], as telnet and virsh have it.</summary>
    public const byte Escape = 0x1d;

    /// <param name="start">Which console, from where. Without follow nothing is typed.</param>
    /// <param name="interactive">Pass standard input to the machine.</param>
    public async Task RunAsync(ConsoleStart start, bool interactive)
    {
        var typing = interactive && start.Follow;
        var terminal = typing ? invocation.Environment.Terminal : null;
        using var left = new CancellationTokenSource();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation, left.Token);
        using var call = invocation.Server.Workloads.Console(cancellationToken: ended.Token);
        await call.RequestStream.WriteAsync(new ConsoleInput { Start = start }, ended.Token);
        if (terminal is not null)
            await invocation.Error.WriteLineAsync($"Connected to {start.VirtualMachine}. Press Enter for a prompt, Ctrl-] to leave.");
        using var raw = terminal?.EnterRawMode();
        var input = typing ? TypeAsync(call.RequestStream, terminal is not null, left, ended.Token) : Task.CompletedTask;
        try
        {
            await foreach (var output in call.ResponseStream.ReadAllAsync(ended.Token))
                await invocation.Environment.Output.WriteAsync(output.Data.Memory, ended.Token);
        }
        catch (Exception exception) when (left.IsCancellationRequested && exception is OperationCanceledException or RpcException)
        {
            await invocation.Error.WriteAsync("\r\n");
        }
        finally
        {
            await ended.CancelAsync();
            await input;
        }
    }

    private async Task TypeAsync(
        IClientStreamWriter<ConsoleInput> requests, bool escapes, CancellationTokenSource left, CancellationToken cancellation)
    {
        try
        {
            await foreach (var chunk in InputReader.Start(invocation.Environment.Input).ReadAllAsync(cancellation))
            {
                var escape = escapes ? Array.IndexOf(chunk, Escape) : -1;
                var typed = escape < 0 ? chunk : chunk[..escape];
                if (typed.Length > 0)
                    await requests.WriteAsync(new ConsoleInput { Data = UnsafeByteOperations.UnsafeWrap(typed) }, cancellation);
                if (escape < 0) continue;
                await left.CancelAsync();
                return;
            }
            // The input's end is not the console's: what the machine answers is still to come.
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException or InvalidOperationException)
        {
            // The call is over; the receiving side knows how it ended.
        }
    }
}
