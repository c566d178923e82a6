using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Terminal;

/// <summary>One command in a container: our input and window size there, its output here, until it exits.</summary>
internal sealed class ExecSession(Invocation invocation)
{
    // What is to be sent: the call takes one message at a time, input and resizes come from two threads.
    private readonly Channel<ExecInput> _outgoing = Channel.CreateBounded<ExecInput>(16);

    /// <returns>The command's exit code.</returns>
    public async Task<int> RunAsync(ExecStart start)
    {
        var terminal = start.Tty ? invocation.Environment.Terminal : null;
        start.Size = SizeOf(terminal);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation);
        using var call = invocation.Server.Workloads.Exec(cancellationToken: ended.Token);
        using var raw = terminal?.EnterRawMode();
        using var resizes = terminal is null ? null : TerminalDevice.OnResize(() => SendSize(terminal));
        await _outgoing.Writer.WriteAsync(new ExecInput { Start = start }, ended.Token);
        var sending = SendAsync(call.RequestStream, ended.Token);
        var typing = start.Stdin ? ReadInputAsync(ended.Token) : Task.CompletedTask;
        try
        {
            return await ReceiveAsync(call.ResponseStream)
                ?? throw new CommandException("the connection ended before the command did; its exit code is unknown");
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(sending, typing);
        }
    }

    private async Task<int?> ReceiveAsync(IAsyncStreamReader<ExecOutput> output)
    {
        await foreach (var message in output.ReadAllAsync(invocation.Cancellation))
        {
            switch (message.OutputCase)
            {
                case ExecOutput.OutputOneofCase.Stdout:
                    await invocation.Environment.Output.WriteAsync(message.Stdout.Memory, invocation.Cancellation);
                    break;
                case ExecOutput.OutputOneofCase.Stderr:
                    await invocation.Environment.ErrorStream.WriteAsync(message.Stderr.Memory, invocation.Cancellation);
                    break;
                case ExecOutput.OutputOneofCase.ExitCode:
                    return message.ExitCode;
            }
        }
        return null;
    }

    private async Task ReadInputAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var chunk in InputReader.Start(invocation.Environment.Input).ReadAllAsync(cancellation))
                await _outgoing.Writer.WriteAsync(new ExecInput { Stdin = UnsafeByteOperations.UnsafeWrap(chunk) }, cancellation);
            await _outgoing.Writer.WriteAsync(new ExecInput { EndOfStdin = true }, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The command ended first.
        }
    }

    private async Task SendAsync(IClientStreamWriter<ExecInput> requests, CancellationToken cancellation)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(cancellation)) await requests.WriteAsync(message, cancellation);
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException or InvalidOperationException)
        {
            // The call is over; the receiving side knows how it ended.
        }
    }

    // A resize that finds the queue full is followed by what filled it; the next one tells the size again.
    private void SendSize(TerminalDevice terminal) => _outgoing.Writer.TryWrite(new ExecInput { Resize = SizeOf(terminal) });

    private static TerminalSize? SizeOf(TerminalDevice? terminal) =>
        terminal?.Size is { } size ? new TerminalSize { Columns = size.Columns, Rows = size.Rows } : null;
}
