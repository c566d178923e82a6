using Microsoft.Win32.SafeHandles;

namespace Orchestrator.NodeAgent.Logs;

/// <summary>Finds where the last lines of a log begin, reading from its end, so that a long log costs no more than a short one.</summary>
internal static class LogTail
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>A line that was written in several entries counts as one.</summary>
    public static long Find(SafeFileHandle file, long lines)
    {
        var length = RandomAccess.GetLength(file);
        if (lines <= 0) return length;
        var after = length;
        var block = new byte[BlockBytes];
        long found = 0;
        while (after > 0)
        {
            var start = Math.Max(0, after - BlockBytes);
            var read = RandomAccess.Read(file, block.AsSpan(0, (int)(after - start)), start);
            for (var i = read - 1; i >= 0; i--)
            {
                if (block[i] != (byte)'\n') continue;
                var entryStart = start + i + 1;
                // This feed ends the entry before entryStart; a full one ends a line, so a line begins here.
                if (entryStart < length && IsFull(file, start + i) && ++found == lines) return entryStart;
            }

            after = start;
        }

        return 0;
    }

    /// <summary>Whether the entry that ends with the line feed at <paramref name="feed"/> is a full one.</summary>
    private static bool IsFull(SafeFileHandle file, long feed)
    {
        var size = (int)Math.Min(feed + 1, BlockBytes);
        var bytes = new byte[size];
        var read = RandomAccess.Read(file, bytes, feed + 1 - size);
        var entry = bytes.AsSpan(0, read);
        entry = entry[(entry[..^1].LastIndexOf((byte)'\n') + 1)..];
        return !LogLine.TryParse(entry, out var parsed) || !parsed.IsPartial;
    }
}
