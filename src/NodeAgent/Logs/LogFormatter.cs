using System.Buffers;

namespace Orchestrator.NodeAgent.Logs;

/// <summary>Turns blocks of a log file into what the user sees. It keeps the piece of an entry that a block cut off.</summary>
internal sealed class LogFormatter(LogQuery query)
{
    private readonly ArrayBufferWriter<byte> _pending = new();
    private bool _insideLine;

    public ReadOnlyMemory<byte> Take(ReadOnlySpan<byte> block)
    {
        var output = new ArrayBufferWriter<byte>(block.Length);
        while (block.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _pending.Write(block[..(end + 1)]);
            Format(_pending.WrittenSpan, output);
            _pending.ResetWrittenCount();
            block = block[(end + 1)..];
        }

        _pending.Write(block);
        return output.WrittenMemory;
    }

    private void Format(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> output)
    {
        if (!LogLine.TryParse(line, out var entry) || (query.Since is { } since && !entry.IsAtOrAfter(since))) return;
        if (query.Timestamps && !_insideLine)
        {
            output.Write(entry.Time);
            output.Write(" "u8);
        }

        output.Write(entry.Text);
        _insideLine = entry.IsPartial;
    }
}
