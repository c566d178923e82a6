using Orchestrator.Hypervisor.Disks;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>The power is cut, here and now.</summary>
internal sealed class PowerCutException() : IOException("power cut");

/// <summary>Of all files of one machine: once it is cut, none of them changes any more.</summary>
internal sealed class Power
{
    public bool IsCut { get; set; }
}

internal enum Loss
{
    /// <summary>kill -9: the process ends and the host goes on. Everything that was written stays.</summary>
    Nothing,

    /// <summary>Nothing that was not flushed reached the medium.</summary>
    Everything,

    /// <summary>Each sector has any of its states since the last flush, some of them torn between two.</summary>
    AnySector,

    /// <summary>All but few sectors have their last state.</summary>
    FewSectors,
}

/// <summary>
/// A file whose writes reach the medium in any order and in part until they are flushed, as a disk with a volatile cache, below a file
/// system that keeps no order either, may do: each sector for itself may hold any state that it had since the last flush.
/// </summary>
internal sealed class SimulatedFile(string name, Power? power = null) : IDiskFile
{
    public const int SectorBytes = 512;

    private readonly Dictionary<long, byte[]> _now = [];
    private readonly Dictionary<long, List<byte[]>> _since = [];
    private readonly List<long> _lengths = [0];

    public string Name => name;

    public long Length { get; private set; }

    public bool IsReadOnly { get; set; }

    /// <summary>After so many more changes of the file the power is cut in the middle of the next; null: never.</summary>
    public int? ChangesLeft { get; set; }

    /// <summary>How many sectors of the change on which the power is cut are still written.</summary>
    public int SectorsOfLast { get; set; }

    public int Flushes { get; private set; }

    /// <summary>The medium says no to these.</summary>
    public bool FailsWrites { get; set; }

    public bool FailsFlushes { get; set; }

    public void Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset + buffer.Length > Length)
        {
            throw new EndOfStreamException($"{name} has {Length} bytes, read to {offset + buffer.Length}");
        }

        while (!buffer.IsEmpty)
        {
            var (sector, within) = Math.DivRem(offset, SectorBytes);
            var part = (int)Math.Min(buffer.Length, SectorBytes - within);
            SectorAt(sector).AsSpan((int)within, part).CopyTo(buffer);
            buffer = buffer[part..];
            offset += part;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        FailIf(FailsWrites);
        var sectors = Change();
        for (; !data.IsEmpty && sectors > 0; sectors--)
        {
            var (sector, within) = Math.DivRem(offset, SectorBytes);
            var part = (int)Math.Min(data.Length, SectorBytes - within);
            var next = (byte[])SectorAt(sector).Clone();
            data[..part].CopyTo(next.AsSpan((int)within));
            Put(sector, next);
            data = data[part..];
            offset += part;
            if (offset > Length)
            {
                SetLengthNow(offset);
            }
        }

        CutIfDue();
    }

    public void Flush()
    {
        FailIf(FailsFlushes);
        if (Change() > 0)
        {
            Flushes++;
            _since.Clear();
            _lengths.Clear();
            _lengths.Add(Length);
        }

        CutIfDue();
    }

    public void SetLength(long length)
    {
        if (Change() > 0)
        {
            SetLengthNow(length);
        }

        CutIfDue();
    }

    public void PunchHole(long offset, long length)
    {
        for (var (sector, sectors) = (offset / SectorBytes, Change()); sector < (offset + length) / SectorBytes && sectors > 0; sector++, sectors--)
        {
            Put(sector, new byte[SectorBytes]);
        }

        CutIfDue();
    }

    /// <summary>What the next opening finds.</summary>
    public void Crash(Loss loss, Random random)
    {
        ChangesLeft = null;
        if (loss is Loss.Nothing)
        {
            // The host has it all, and may still lose it.
            return;
        }

        var keep = loss is Loss.Everything ? _lengths[0] : _lengths[random.Next(_lengths.Count)];
        foreach (var (sector, states) in _since)
        {
            _now[sector] = loss switch
            {
                Loss.Everything => states[0],
                Loss.FewSectors when random.Next(20) > 0 => states[^1],
                _ => AnyState(states, random),
            };
        }

        Length = keep;
        foreach (var sector in _now.Keys.Where(sector => sector * SectorBytes >= Length).ToList())
        {
            _now[sector] = Empty;
        }

        _since.Clear();
        _lengths.Clear();
        _lengths.Add(Length);
    }

    public byte[] ToArray()
    {
        var content = new byte[Length];
        Read(0, content);
        return content;
    }

    public void Dispose()
    {
    }

    private static byte[] AnyState(List<byte[]> states, Random random)
    {
        var at = random.Next(states.Count);
        if (at == 0 || random.Next(4) > 0)
        {
            return states[at];
        }

        // Torn within the sector: the beginning of the later state, the end of the one before.
        var torn = (byte[])states[at - 1].Clone();
        states[at].AsSpan(0, random.Next(SectorBytes)).CopyTo(torn);
        return torn;
    }

    /// <summary>How many sectors of this change are done.</summary>
    private int Change()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException($"{name} must not be changed");
        }

        if (power is { IsCut: true })
        {
            throw new PowerCutException();
        }

        if (ChangesLeft is not { } left)
        {
            return int.MaxValue;
        }

        ChangesLeft = left - 1;
        return left > 0 ? int.MaxValue : SectorsOfLast;
    }

    private static void FailIf(bool fails)
    {
        if (fails)
        {
            throw new IOException("no space left on device");
        }
    }

    private void CutIfDue()
    {
        if (ChangesLeft < 0)
        {
            power!.IsCut = true;
            throw new PowerCutException();
        }
    }

    private byte[] SectorAt(long sector) => _now.TryGetValue(sector, out var content) ? content : Empty;

    private static readonly byte[] Empty = new byte[SectorBytes];

    private void Put(long sector, byte[] content)
    {
        if (!_since.TryGetValue(sector, out var states))
        {
            _since.Add(sector, states = [SectorAt(sector)]);
        }

        states.Add(content);
        _now[sector] = content;
    }

    private void SetLengthNow(long length)
    {
        if (length < Length)
        {
            foreach (var sector in _now.Keys.Where(sector => sector * SectorBytes >= length).ToList())
            {
                Put(sector, Empty);
            }
        }

        Length = length;
        _lengths.Add(length);
    }
}
