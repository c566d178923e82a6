using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>One opened stream (logs, exec, console) as the silo sees it.</summary>
public sealed class FakeStream(IAsyncStreamReader<AgentFrame> reader, IServerStreamWriter<SiloFrame> writer, CancellationToken ended)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Finished => _finished.Task.WaitAsync(ended);

    public StringBuilder Output { get; } = new();

    public StringBuilder Error { get; } = new();

    public Task WriteAsync(string text) => writer.WriteAsync(new SiloFrame { Stdin = ByteString.CopyFromUtf8(text) }, ended);

    public Task EndInputAsync() => writer.WriteAsync(new SiloFrame { EndOfStdin = true }, ended);

    /// <summary>Reads on until the output holds the text, or to the end. Returns the last frame if it was an end.</summary>
    public async Task<AgentFrame?> ReadAsync(string? until, CancellationToken cancellation)
    {
        while (until is null || !Output.ToString().Contains(until, StringComparison.Ordinal))
        {
            if (!await reader.MoveNext(cancellation)) return null;
            var frame = reader.Current;
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Stdout) Output.Append(frame.Stdout.ToStringUtf8());
            else if (frame.FrameCase == AgentFrame.FrameOneofCase.Stderr) Error.Append(frame.Stderr.ToStringUtf8());
            else return frame;
        }

        return null;
    }

    public void Finish() => _finished.TrySetResult();
}
