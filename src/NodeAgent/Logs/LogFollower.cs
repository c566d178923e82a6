using Microsoft.Win32.SafeHandles;

namespace Orchestrator.NodeAgent.Logs;

/// <summary>Reads a CRI log file, and goes on as long as it grows and is followed.</summary>
internal sealed class LogFollower(TimeProvider time)
{
    private const int BlockBytes = 64 * 1024;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>False if there is no such file.</summary>
    public async Task<bool> ReadAsync(LogQuery query, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellation)
    {
        if (!File.Exists(query.Path)) return false;
        using var file = File.OpenHandle(query.Path, share: FileShare.ReadWrite | FileShare.Delete, options: FileOptions.Asynchronous);
        var position = query.TailLines is { } lines ? LogTail.Find(file, lines) : 0;
        var formatter = new LogFormatter(query);
        while (true)
        {
            // Asked before reading: what was written before the end is then read for certain.
            var ended = !query.Follow || await query.Ended(cancellation);
            position = await CopyAsync(file, position, formatter, write, cancellation);
            if (ended) return true;
            await Task.Delay(Poll, time, cancellation);
        }
    }

    private static async Task<long> CopyAsync(
        SafeFileHandle file, long position, LogFormatter formatter, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellation)
    {
        var block = new byte[BlockBytes];
        while (true)
        {
            var read = await RandomAccess.ReadAsync(file, block, position, cancellation);
            if (read == 0) return position;
            position += read;
            var text = formatter.Take(block.AsSpan(0, read));
            if (text.Length > 0) await write(text, cancellation);
        }
    }
}
