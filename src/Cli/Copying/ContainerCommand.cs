using System.IO.Pipelines;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Copying;

/// <summary>How a command in a container ended, and what it said on standard error.</summary>
internal readonly record struct CommandEnd(int ExitCode, string Errors);

/// <summary>Runs a command in a container for a program and not for a person: what goes in and comes out are streams.</summary>
internal sealed class ContainerCommand(Workloads.WorkloadsClient workloads, ExecStart container)
{
    private const int MostErrors = 4 << 10;

    /// <param name="command">What to run.</param>
    /// <param name="write">Writes its standard input; null: it has none.</param>
    /// <param name="read">Reads its standard output to the end; null: nobody does.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RpcException">The server refused, or the way was lost.</exception>
    public async Task<CommandEnd> RunAsync(
        IEnumerable<string> command, Func<Stream, CancellationToken, Task>? write, Func<Stream, CancellationToken, Task>? read, CancellationToken cancellation)
    {
        var start = container.Clone();
        start.Command.Add(command);
        start.Stdin = write is not null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = workloads.Exec(cancellationToken: ended.Token);
        var output = new Pipe();
        var writing = WriteAsync(call.RequestStream, start, write, ended);
        var reading = read is null ? output.Reader.CompleteAsync().AsTask() : ReadAsync(output.Reader, read, ended);
        try
        {
            var end = await ReceiveAsync(call.ResponseStream, output.Writer, ended.Token);
            await output.Writer.CompleteAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Of a command that failed, its own words say more than what is missing in its output.
            if (end.ExitCode == 0) await reading;
            return end;
        }
        catch (Exception exception) when (ended.IsCancellationRequested && exception is OperationCanceledException or RpcException)
        {
            await output.Writer.CompleteAsync();
            await Task.WhenAll(writing, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // A half of ours that failed has broken the call off: that is the reason, and not how the call ended.
            foreach (var half in new[] { writing, reading }.Where(half => half.IsFaulted)) await half;
            throw;
        }
        finally
        {
            await ended.CancelAsync();
            await output.Writer.CompleteAsync();
            await Task.WhenAll(writing, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<CommandEnd> ReceiveAsync(IAsyncStreamReader<ExecOutput> messages, PipeWriter output, CancellationToken cancellation)
    {
        var errors = new StringBuilder();
        await foreach (var message in messages.ReadAllAsync(cancellation))
        {
            if (message.OutputCase == ExecOutput.OutputOneofCase.Stdout) await output.WriteAsync(message.Stdout.Memory, cancellation);
            if (message.OutputCase == ExecOutput.OutputOneofCase.Stderr && errors.Length < MostErrors) errors.Append(message.Stderr.ToStringUtf8());
            if (message.OutputCase == ExecOutput.OutputOneofCase.ExitCode) return new CommandEnd(message.ExitCode, errors.ToString().Trim());
        }

        throw new CommandException("the connection ended before the command in the container did");
    }

    private static async Task ReadAsync(PipeReader output, Func<Stream, CancellationToken, Task> read, CancellationTokenSource ended)
    {
        try
        {
            await read(output.AsStream(), ended.Token);
            await output.CompleteAsync();
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }

    private static async Task WriteAsync(
        IClientStreamWriter<ExecInput> requests, ExecStart start, Func<Stream, CancellationToken, Task>? write, CancellationTokenSource ended)
    {
        try
        {
            await requests.WriteAsync(new ExecInput { Start = start }, ended.Token);
            if (write is null) return;
            await using (var input = new BufferedStream(new InputOfCall(requests), InputOfCall.MessageBytes)) await write(input, ended.Token);
            await requests.WriteAsync(new ExecInput { EndOfStdin = true }, ended.Token);
        }
        catch (Exception over) when (over is RpcException or InvalidOperationException)
        {
            // The call is over; the receiving side knows how it ended.
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }
}
