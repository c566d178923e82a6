using System.Text;

namespace Orchestrator.Cli.Tests.Fakes;

/// <summary>What is written, and a way to wait until it has a text.</summary>
internal sealed class ObservedStream : MemoryStream
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Text
    {
        get
        {
            lock (_gate) return Encoding.UTF8.GetString(ToArray());
        }
    }

    public async Task UntilAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                if (Text.Contains(text, StringComparison.Ordinal)) return;
                grown = _grown.Task;
            }
            await grown.WaitAsync(limit.Token);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_gate)
        {
            // As bytes: the base class's own span method would come back here.
            base.Write(buffer.ToArray(), 0, buffer.Length);
            _grown.SetResult();
            _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
