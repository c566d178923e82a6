using System.Globalization;
using System.Text;

namespace Orchestrator.Hypervisor.Images;

internal enum TarEntryKind
{
    File,
    HardLink,
    SymbolicLink,
    Folder,
    Fifo,

    /// <summary>A device node, or a type that we don't know.</summary>
    Other,
}

internal sealed record TarEntry(TarEntryKind Kind, string Name, string Target, int Mode, long UserId, long GroupId, long ModifiedSeconds, long Bytes);

/// <summary>
/// Reads a tar archive forwards in bounded memory: ustar, GNU long names, pax (path, linkpath, size, uid, gid, mtime).
/// System.Formats.Tar takes the length of an extended header from the archive and allocates it; what we read may be hostile.
/// </summary>
internal sealed class TarStream
{
    private const int BlockBytes = 512;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Stream _source;
    private readonly ImageLimits _limits;
    private readonly byte[] _block = new byte[BlockBytes];
    private long _remaining;
    private long _padding;

    public TarStream(Stream source, ImageLimits limits)
    {
        _source = source;
        _limits = limits;
    }

    /// <summary>The next entry, whose data <see cref="ReadAsync"/> gives; null at the end. What is unread of the last is skipped.</summary>
    public async Task<TarEntry?> NextAsync(CancellationToken cancellation)
    {
        var extended = new Dictionary<string, string>();
        while (true)
        {
            await SkipAsync(_remaining + _padding, cancellation);
            _remaining = _padding = 0;
            var read = await _source.ReadAtLeastAsync(_block, BlockBytes, throwOnEndOfStream: false, cancellation);
            if (read == 0 || (read == BlockBytes && !_block.AsSpan().ContainsAnyExcept((byte)0)))
            {
                return null;
            }

            if (read < BlockBytes || !HasValidChecksum())
            {
                throw new InvalidImageException("the archive is cut off or is no tar archive");
            }

            Open(Number(124, 12));
            switch ((char)_block[156])
            {
                case 'x':
                    ReadPax(await ReadExtendedAsync(cancellation), extended);
                    break;
                case 'g':
                    break;
                case 'L':
                    extended["path"] = await ReadLongNameAsync(cancellation);
                    break;
                case 'K':
                    extended["linkpath"] = await ReadLongNameAsync(cancellation);
                    break;
                default:
                    return Entry(extended);
            }
        }
    }

    /// <summary>Some of the current entry's data; 0 at its end.</summary>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var wanted = (int)Math.Min(buffer.Length, _remaining);
        if (wanted == 0)
        {
            return 0;
        }

        var read = await _source.ReadAsync(buffer[..wanted], cancellation);
        _remaining -= read;
        return read > 0 ? read : throw new InvalidImageException("the archive is cut off inside a file");
    }

    private TarEntry Entry(Dictionary<string, string> extended)
    {
        var name = extended.GetValueOrDefault("path") ?? UstarName();
        if (extended.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)) || _block[156] == 'S')
        {
            throw new InvalidImageException($"{name}: sparse files are not supported in layers");
        }

        if (Extended(extended, "size") is { } size)
        {
            Open(size);
        }

        var kind = (char)_block[156] switch
        {
            '0' or '\0' or '7' => name.EndsWith('/') ? TarEntryKind.Folder : TarEntryKind.File,
            '1' => TarEntryKind.HardLink,
            '2' => TarEntryKind.SymbolicLink,
            '5' => TarEntryKind.Folder,
            '6' => TarEntryKind.Fifo,
            _ => TarEntryKind.Other,
        };
        return new TarEntry(
            kind,
            name,
            extended.GetValueOrDefault("linkpath") ?? Text(157, 100),
            (int)(Number(100, 8) & 0xFFF),
            Extended(extended, "uid") ?? Number(108, 8),
            Extended(extended, "gid") ?? Number(116, 8),
            Extended(extended, "mtime") ?? Number(136, 12),
            kind is TarEntryKind.File ? _remaining : 0);
    }

    private void Open(long bytes)
    {
        if (bytes < 0 || bytes > _limits.UnpackedBytes)
        {
            throw new InvalidImageException($"an entry of {bytes} bytes; the limit is {_limits.UnpackedBytes}");
        }

        _remaining = bytes;
        _padding = (BlockBytes - bytes % BlockBytes) % BlockBytes;
    }

    private async Task SkipAsync(long bytes, CancellationToken cancellation)
    {
        var buffer = bytes > 0 ? new byte[Math.Min(bytes, 64 * 1024)] : [];
        while (bytes > 0)
        {
            var read = await _source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, buffer.Length)), cancellation);
            bytes -= read > 0 ? read : throw new InvalidImageException("the archive is cut off inside a file");
        }
    }

    private async Task<byte[]> ReadExtendedAsync(CancellationToken cancellation)
    {
        if (_remaining > _limits.ExtendedHeaderBytes)
        {
            throw new InvalidImageException($"an extended header of {_remaining} bytes; the limit is {_limits.ExtendedHeaderBytes}");
        }

        var content = new byte[_remaining];
        var read = await _source.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation);
        _remaining = 0;
        return read == content.Length ? content : throw new InvalidImageException("the archive is cut off inside an extended header");
    }

    private async Task<string> ReadLongNameAsync(CancellationToken cancellation) =>
        Decode((await ReadExtendedAsync(cancellation)).AsSpan().TrimEnd((byte)0));

    /// <summary>Records of the form "length key=value\n", where length counts the whole record.</summary>
    private static void ReadPax(ReadOnlySpan<byte> content, Dictionary<string, string> extended)
    {
        while (!content.IsEmpty)
        {
            var space = content.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(content[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > content.Length)
            {
                throw new InvalidImageException("a broken extended header");
            }

            var record = content[(space + 1)..length].TrimEnd((byte)'\n');
            var equals = record.IndexOf((byte)'=');
            if (equals > 0 && !record.StartsWith("SCHILY.xattr."u8) && !record.StartsWith("LIBARCHIVE.xattr."u8))
            {
                extended[Decode(record[..equals])] = Decode(record[(equals + 1)..]);
            }

            content = content[length..];
        }
    }

    private static long? Extended(Dictionary<string, string> extended, string key) =>
        extended.TryGetValue(key, out var text)
            ? decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value is >= long.MinValue and <= long.MaxValue
                ? (long)value
                : throw new InvalidImageException($"the extended header's {key} is no number")
            : null;

    private string UstarName()
    {
        var prefix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(345, 155) : "";
        return prefix.Length > 0 ? $"{prefix}/{Text(0, 100)}" : Text(0, 100);
    }

    private string Text(int offset, int length)
    {
        var field = _block.AsSpan(offset, length);
        var end = field.IndexOf((byte)0);
        return Decode(end < 0 ? field : field[..end]);
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidImageException($"a name that is not UTF-8: {Encoding.Latin1.GetString(bytes)}", error);
        }
    }

    /// <summary>Octal digits, or (GNU) big-endian binary with the top bit set.</summary>
    private long Number(int offset, int length)
    {
        var field = _block.AsSpan(offset, length);
        long value = 0;
        if ((field[0] & 0x80) != 0)
        {
            foreach (var part in field[Math.Max(0, length - 8)..])
            {
                value = value << 8 | part;
            }

            return value;
        }

        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw new InvalidImageException("a header's number is no octal number");
            }

            value = value << 3 | (uint)(digit - '0');
        }

        return value;
    }

    private bool HasValidChecksum()
    {
        var sum = 8 * ' ';
        for (var i = 0; i < BlockBytes; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : _block[i];
        }

        return Number(148, 8) == sum;
    }
}
