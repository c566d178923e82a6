using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>What an asynchronous back-end relies on: requests that overlap each other and a commit, and a medium that fails.</summary>
public sealed class LayerWriterTests : IDisposable
{
    private const int Cluster = LayerFormat.ClusterBytes;
    private readonly SimulatedFile _file = new("top");
    private readonly OverlayDisk _disk;

    public LayerWriterTests()
    {
        Layer.Create(_file, Guid.NewGuid(), 100 * Cluster, ParentIdentity.None);
        _disk = new OverlayDisk(new DiskChain([Layer.Open(_file)], null));
    }

    private LayerWriter Writer => _disk.Writer;

    public void Dispose() => _disk.Dispose();

    [Fact]
    public void TwoWritesToANewClusterComeOneAfterTheOther()
    {
        var first = Writer.MapWrite(Cluster + 512, 512);
        Assert.Equal(WriteKind.NewCluster, first.Kind);
        Assert.Equal(WriteKind.Wait, Writer.MapWrite(Cluster + 4096, 512).Kind);
        Assert.False(Writer.TryForget(1, Location.Absent));
        Assert.Equal(DiskSegment.Zeroes(Cluster), _disk.Chain.Map(Cluster, Cluster));
        Writer.Publish(first);
        var second = Writer.MapWrite(Cluster + 4096, 512);
        Assert.Equal((WriteKind.InPlace, first.ClusterOffset + 4096), (second.Kind, second.FileOffset));
    }

    [Fact]
    public void AnAbandonedClusterIsGivenOutAgainAndNeverAsFresh()
    {
        var first = Writer.MapWrite(0, 512);
        Writer.Abandon(first);
        Assert.Equal(first with { IsFresh = false }, Writer.MapWrite(0, 512));
    }

    /// <summary>What is published during a commit is not in it, but in the next.</summary>
    [Fact]
    public void ACommitHoldsWhatWasPublishedBeforeIt()
    {
        Write(0, 1);
        var commit = Writer.BeginCommit()!;
        Write(1, 2);
        Write(0, 3);
        Assert.Throws<InvalidOperationException>(Writer.BeginCommit);
        Do(commit);
        Writer.Reuse(Writer.EndCommit());
        _file.Crash(Loss.Everything, new Random(1));
        using (var chain = Reopened())
        {
            Assert.Equal((1L, true), (chain.Top.Map.DataClusters, chain.Top.Map.Find(0).IsData));
        }

        Do(Writer.BeginCommit()!);
        Writer.Reuse(Writer.EndCommit());
        Assert.Null(Writer.BeginCommit());
    }

    /// <summary>A discarded cluster is not another's while a request that began before the discard may still write to it.</summary>
    [Fact]
    public void ARunningRequestKeepsItsPlace()
    {
        Write(0, 1);
        var running = Writer.BeginRequest();
        var place = Writer.MapWrite(0, 512).FileCluster;
        Assert.True(Writer.TryForget(0, Location.Absent));
        for (var cluster = 1u; cluster < 6; cluster++)
        {
            Assert.NotEqual(place, Write(cluster, 1));
            _disk.Flush();
        }

        Writer.EndRequest(running);
        _disk.WriteZeroes(5 * Cluster, Cluster);
        _disk.Flush();
        Assert.Contains(place, Enumerable.Range(6, 20).Select(cluster => Write((uint)cluster, 1)));
    }

    [Fact]
    public void WithoutRoomAFlushFailsAndALaterOneSucceeds()
    {
        Write(0, 1);
        _disk.Flush();
        Write(2, 7);
        _disk.Discard(0, Cluster);
        _file.FailsWrites = true;
        Assert.Throws<IOException>(_disk.Flush);
        Assert.Throws<IOException>(() => _disk.Write(5 * Cluster, [1]));
        _file.FailsWrites = false;
        _disk.Flush();
        _file.Crash(Loss.Everything, new Random(1));
        using var chain = Reopened();
        Assert.Equal((1L, true), (chain.Top.Map.DataClusters, chain.Top.Map.Find(2).IsData));
    }

    /// <summary>The kernel reports a lost write once. Who goes on after it loses data in silence.</summary>
    [Fact]
    public void AfterAFlushThatFailedNothingIsTaken()
    {
        Write(0, 1);
        _file.FailsFlushes = true;
        Assert.Throws<IOException>(_disk.Flush);
        _file.FailsFlushes = false;
        Assert.Contains("failed", Assert.Throws<IOException>(_disk.Flush).Message);
        Assert.Throws<IOException>(() => _disk.Write(0, [1]));
        Assert.Throws<IOException>(() => _disk.Discard(0, Cluster));
    }

    [Fact]
    public void OverwritingInPlaceTakesOneFlush()
    {
        Write(0, 1);
        _disk.Flush();
        var flushes = _file.Flushes;
        _disk.Write(100, [1, 2, 3]);
        _disk.Flush();
        Assert.Equal(flushes + 1, _file.Flushes);
    }

    [Fact]
    public void RoomThatIsFreedIsUsedAgain()
    {
        for (var round = 0; round < 50; round++)
        {
            Write((uint)round % 7, 1);
            _disk.Flush();
            _disk.Discard(0, 7 * Cluster);
            _disk.Flush();
        }

        Assert.InRange(_disk.Chain.Top.Superblock.FileClusters, 1u, 10u);
        Assert.Equal(0, _disk.Chain.Top.Map.DataClusters);
    }

    [Theory]
    [InlineData(99 * Cluster)]
    [InlineData(100 * Cluster + 1)]
    [InlineData(LayerFormat.LargestDiskBytes + Cluster)]
    public void ADiskNeitherShrinksNorHasASizeThatIsNone(long bytes) =>
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => _disk.Grow(bytes));

    [Fact]
    public void TheLargestDiskCanBeWrittenAtItsEnd()
    {
        _disk.Grow(LayerFormat.LargestDiskBytes);
        _disk.Write(LayerFormat.LargestDiskBytes - 1, [42]);
        _disk.Flush();
        using var disk = new OverlayDisk(Reopened());
        var last = new byte[1];
        disk.Read(LayerFormat.LargestDiskBytes - 1, last);
        Assert.Equal(42, last[0]);
    }

    private uint Write(uint cluster, byte value)
    {
        var step = Writer.MapWrite((long)cluster * Cluster, Cluster);
        var data = new byte[Cluster];
        data.AsSpan().Fill(value);
        _file.Write(step.FileOffset, data);
        if (step.Kind is WriteKind.NewCluster)
        {
            Writer.Publish(step);
        }

        return step.FileCluster;
    }

    private void Do(LayerCommit commit)
    {
        foreach (var page in commit.Pages)
        {
            _file.Write(page.Offset, page.Data);
        }

        _file.Flush();
        _file.Write(commit.Head.Offset, commit.Head.Data);
        _file.Flush();
    }

    private DiskChain Reopened() => new([Layer.Open(_file)], null);
}
