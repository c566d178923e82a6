using CsCheck;
using Orchestrator.Hypervisor.Consoles;

namespace Orchestrator.Hypervisor.Tests.Consoles;

public sealed class ScrollbackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dom0-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A reader gets every byte in order, or is told that it fell behind; never something else.</summary>
    [Fact]
    public void AReaderGetsEveryByteOrIsTold() =>
        Gen.Select(Gen.Int[0, 150_000].List[1, 12], Gen.Int[1, 90_000]).Holds(
            (writes, readBytes) =>
            {
                var scrollback = new Scrollback();
                var written = new List<byte>();
                var seen = new List<byte>();
                var buffer = new byte[readBytes];
                var reader = scrollback.Follow(0);
                foreach (var size in writes)
                {
                    var data = Enumerable.Range(written.Count, size).Select(i => (byte)(i * 31 >> 3)).ToArray();
                    written.AddRange(data);
                    scrollback.Append(data);
                    var read = scrollback.Read(reader, buffer, out var count);
                    if (read is ScrollbackRead.FellBehind)
                    {
                        Assert.True(written.Count - reader.Position > Scrollback.CapacityBytes);
                        return;
                    }

                    seen.AddRange(buffer[..count]);
                    Assert.True(written.Take(seen.Count).SequenceEqual(seen));
                }

                Assert.Equal(reader.Position, seen.Count);
            },
            iter: 200);

    [Fact]
    public async Task AWaitingReaderWakesForDataAndForTheEnd()
    {
        var scrollback = new Scrollback { Live = true };
        var reader = scrollback.Follow(0);
        var waiting = scrollback.ChangedAsync(reader, default);
        Assert.False(waiting.IsCompleted);
        scrollback.Append("x"u8);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(ScrollbackRead.Data, scrollback.Read(reader, new byte[10], out _));
        waiting = scrollback.ChangedAsync(reader, default);
        scrollback.Live = false;
        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(ScrollbackRead.Ended, scrollback.Read(reader, new byte[10], out _));
    }

    [Fact]
    public void AWriterWaitsForThoseWhoReadAndForNobodyElse()
    {
        var scrollback = new Scrollback();
        var caughtUp = 0;
        scrollback.CaughtUp += () => caughtUp++;
        var quick = scrollback.Follow(0);
        var slow = scrollback.Follow(0);
        Assert.True(scrollback.Append(new byte[Scrollback.CapacityBytes / 2 + 1]));
        scrollback.Read(quick, new byte[Scrollback.CapacityBytes], out _);
        Assert.Equal(0, caughtUp);

        scrollback.GiveUpOnLaggards();
        Assert.False(scrollback.Append(new byte[1000]));
        scrollback.Read(quick, new byte[1000], out _);
        Assert.Equal(1, caughtUp);

        scrollback.Read(slow, new byte[Scrollback.CapacityBytes], out _);
        Assert.True(scrollback.Append(new byte[Scrollback.CapacityBytes / 2 + 1]));
    }

    [Fact]
    public void ALogOnDiskIsBoundedAndKeepsItsEnd() =>
        Gen.Int[1, 700].List[1, 60].Holds(
            sizes =>
            {
                var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
                var log = new BoundedLog(path, 1000);
                var written = new List<byte>();
                foreach (var size in sizes)
                {
                    var data = Enumerable.Range(written.Count, size).Select(i => (byte)i).ToArray();
                    written.AddRange(data);
                    log.Append(data);
                }

                Assert.Equal(written.TakeLast(1000), new BoundedLog(path, 1000).Tail(1000));
                Assert.True(Directory.EnumerateFiles(_folder, Path.GetFileName(path) + "*").Sum(file => new FileInfo(file).Length) < 4000);
            },
            iter: 50);
}
