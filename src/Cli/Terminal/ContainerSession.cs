using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Terminal;

/// <summary>
/// A conversation with a process in a container, a command's or the container's own: our input and window size there, its
/// output here, until it ends.
/// </summary>
internal sealed class ContainerSession(Invocation invocation)
{
    // What is to be sent: the call takes one message at a time, input and resizes come from two threads.
    private readonly Channel<ExecInput> _outgoing = Channel.CreateBounded<ExecInput>(16);

    /// <summary>Takes the wish for a terminal back where there is none, and says so.</summary>
    public static async Task CheckTerminalAsync(Invocation invocation, ExecStart start)
    {
        if (!start.Tty) return;
        start.Tty = start.Stdin && invocation.Environment.Terminal is not null;
        if (!start.Stdin) await invocation.Error.WriteLineAsync("Unable to use a TTY without -i; going on without one");
        else if (!start.Tty) await invocation.Error.WriteLineAsync("Unable to use a TTY - input is not a terminal or the right kind of file");
    }

    /// <returns>The command's exit code.</returns>
    public async Task<int> ExecAsync(ExecStart start) => await ConverseAsync(start, invocation.Server.Workloads.Exec)
        ?? throw new CommandException("the connection ended before the command did; its exit code is unknown");

    /// <summary>Joins the container's own process. Returns when it ends, or when our input has and it reads further ones.</summary>
    public Task AttachAsync(ExecStart start) => ConverseAsync(
        start, invocation.Server.Workloads.Attach, start.Tty ? "If you don't see a command prompt, try pressing enter.\r\n" : "");

    private async Task<int?> ConverseAsync(
        ExecStart start, Func<Metadata?, DateTime?, CancellationToken, AsyncDuplexStreamingCall<ExecInput, ExecOutput>> open, string hint = "")
    {
        var terminal = start.Tty ? invocation.Environment.Terminal : null;
        start.Size = SizeOf(terminal);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation);
        using var call = open(null, null, ended.Token);
        using var raw = terminal?.EnterRawMode();
        using var resizes = terminal is null ? null : TerminalDevice.OnResize(() => SendSize(terminal));
        // Whoever answers it at once types into a terminal that is ours already.
        await invocation.Error.WriteAsync(hint);
        await _outgoing.Writer.WriteAsync(new ExecInput { Start = start }, ended.Token);
        var sending = SendAsync(call.RequestStream, ended.Token);
        var typing = start.Stdin ? ReadInputAsync(ended.Token) : Task.CompletedTask;
        try
        {
            return await ReceiveAsync(call.ResponseStream);
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
            // The process ended first.
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
