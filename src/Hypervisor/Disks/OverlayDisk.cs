using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks;

/// <summary>
/// A disk of layers, read and written synchronously: for tools and tests, and as the model of how an asynchronous back-end uses
/// <see cref="DiskChain"/> and <see cref="LayerWriter"/>. One thread at a time. Ranges are the caller's to check against
/// <see cref="DiskBytes"/>; any alignment will do.
/// </summary>
internal sealed class OverlayDisk : IDisposable
{
    private readonly byte[] _cluster = new byte[LayerFormat.ClusterBytes];
    private readonly IDiskFile _file;

    private readonly LiveMap? _live;

    /// <summary>Owns the chain from now on, and the live map of its top.</summary>
    /// <exception cref="InvalidOperationException">The top is frozen.</exception>
    public OverlayDisk(DiskChain chain, LiveMap? live = null)
    {
        Chain = chain;
        _live = live;
        Writer = new LayerWriter(chain.Top, live);
        _file = chain.Top.File;
    }

    public DiskChain Chain { get; }

    public LayerWriter Writer { get; }

    public long DiskBytes => Chain.DiskBytes;

    public void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var segment = Chain.Map(offset, buffer.Length);
            Fill(segment, buffer[..segment.Length]);
            offset += segment.Length;
            buffer = buffer[segment.Length..];
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var step = Writer.MapWrite(offset, data.Length);
            if (step.Kind is WriteKind.InPlace)
            {
                _file.Write(step.FileOffset, data[..step.Length]);
            }
            else
            {
                WriteNew(step, data[..step.Length]);
            }

            offset += step.Length;
            data = data[step.Length..];
        }
    }

    /// <summary>Everything written before is durable afterwards, and stays so whatever happens.</summary>
    public void Flush()
    {
        var commit = Writer.BeginCommit();
        if (commit is null)
        {
            Guarded(_file.Flush);
            return;
        }

        try
        {
            foreach (var page in commit.Pages)
            {
                _file.Write(page.Offset, page.Data);
            }
        }
        catch (IOException)
        {
            Writer.AbandonCommit();
            throw;
        }

        Guarded(() =>
        {
            _file.Flush();
            _file.Write(commit.Head.Offset, commit.Head.Data);
            _file.Flush();
        });
        var unused = Writer.EndCommit();
        foreach (var cluster in unused)
        {
            _file.PunchHole((long)cluster * LayerFormat.ClusterBytes, LayerFormat.ClusterBytes);
        }

        Writer.Reuse(unused);
    }

    /// <summary>The range need not be kept. Whole clusters of it read as zeroes afterwards; the rest stays as it is.</summary>
    public void Discard(long offset, long length)
    {
        var end = (offset + length) / LayerFormat.ClusterBytes;
        for (var cluster = (offset + LayerFormat.ClusterBytes - 1) / LayerFormat.ClusterBytes; cluster < end; cluster++)
        {
            ForgetCluster((uint)cluster);
        }
    }

    public void WriteZeroes(long offset, long length)
    {
        var end = offset + length;
        while (offset < end)
        {
            var (cluster, within) = ((uint)(offset / LayerFormat.ClusterBytes), offset % LayerFormat.ClusterBytes);
            var part = (int)Math.Min(end - offset, LayerFormat.ClusterBytes - within);
            if (part == LayerFormat.ClusterBytes)
            {
                ForgetCluster(cluster);
            }
            else if (Chain.Map(offset, part) is not { File: null } segment || segment.Length < part)
            {
                Write(offset, new byte[part]);
            }

            offset += part;
        }
    }

    /// <summary>Durable when it returns.</summary>
    public void Grow(long diskBytes)
    {
        Writer.Grow(diskBytes);
        Flush();
    }

    /// <summary>The top becomes a snapshot: what was written is durable, and nothing is written to it again.</summary>
    public void Freeze()
    {
        Writer.Freeze();
        Flush();
    }

    public void Dispose()
    {
        _live?.Dispose();
        Chain.Dispose();
    }

    private void ForgetCluster(uint cluster)
    {
        if (!Writer.TryForget(cluster, Chain.HasBelow(cluster) ? Location.Zeroes : Location.Absent))
        {
            throw new InvalidOperationException("a synchronous disk has no request under way");
        }
    }

    private void WriteNew(WriteStep step, ReadOnlySpan<byte> data)
    {
        try
        {
            var old = Chain.Map((long)step.DiskCluster * LayerFormat.ClusterBytes, LayerFormat.ClusterBytes);
            if (step.IsFresh && old is { File: null, Length: LayerFormat.ClusterBytes })
            {
                _file.Write(step.FileOffset, data);
            }
            else
            {
                Read((long)step.DiskCluster * LayerFormat.ClusterBytes, _cluster);
                data.CopyTo(_cluster.AsSpan((int)(step.FileOffset - step.ClusterOffset)));
                _file.Write(step.ClusterOffset, _cluster);
            }
        }
        catch
        {
            Writer.Abandon(step);
            throw;
        }

        Writer.Publish(step);
    }

    private static void Fill(DiskSegment segment, Span<byte> buffer)
    {
        if (segment.File is null)
        {
            buffer.Clear();
        }
        else
        {
            segment.File.Read(segment.FileOffset, buffer);
        }
    }

    private void Guarded(Action steps)
    {
        try
        {
            steps();
        }
        catch (Exception error)
        {
            Writer.Fail(error.Message);
            throw;
        }
    }
}
