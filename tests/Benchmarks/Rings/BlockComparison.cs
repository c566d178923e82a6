using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>Our block back-end beside QEMU's, on the same file system, in turns, with the same load.</summary>
internal static class BlockComparison
{
    private const long DiskBytes = 256L << 20;
    private const int Rounds = 3;
    private const string Peer = "qemu-storage-daemon, io_uring";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(0.4);

    public static IEnumerable<Figure> MeasureMemory() => Measure("tmpfs", "/dev/shm");

    public static IEnumerable<Figure> MeasureDisk() => Measure("disk", "artifacts/bench");

    private static IEnumerable<Figure> Measure(string name, string parent)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(parent), $"rings-{Environment.ProcessId}")).FullName;
        try
        {
            foreach (var depth in (int[])[1, 8, 32, 128])
            {
                foreach (var (bytes, random) in ((int, bool)[])[(4 << 10, true), (128 << 10, false)])
                {
                    foreach (var writes in (bool[])[false, true])
                    {
                        foreach (var figure in Compare(name, folder, new BlockPattern(writes, bytes, random, depth)))
                        {
                            yield return figure;
                        }
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Figure> Compare(string name, string folder, BlockPattern pattern)
    {
        var (ours, theirs) = (MakeDisk(folder, "ours"), MakeDisk(folder, "theirs"));
        using var ourEnd = BackEnd.Ours(folder, ours);
        using var theirEnd = BackEnd.Qemu(folder, theirs);
        List<BlockResult> our = [];
        List<BlockResult> their = [];
        for (var round = 0; round < Rounds; round++)
        {
            // One after the other: two processors are enough for one load and one back-end only.
            our.Add(Run(ourEnd, pattern));
            their.Add(Run(theirEnd, pattern));
        }

        var (value, peer) = (Median(our, result => result.OperationsPerSecond), Median(their, result => result.OperationsPerSecond));
        yield return new Figure($"{name}: {pattern}", value / 1000, "kIOPS")
        {
            Peer = peer / 1000,
            PeerName = Peer,
            Goal = peer / 1000,
            HigherIsBetter = true,
        };
        yield return new Figure($"{name}: {pattern}, median", Median(our, result => result.MedianMicroseconds), "us")
        {
            Peer = Median(their, result => result.MedianMicroseconds),
        };
        yield return new Figure($"{name}: {pattern}, CPU of the back-end", Median(our, result => result.ProcessorMicroseconds), "us/op")
        {
            Peer = Median(their, result => result.ProcessorMicroseconds),
        };
    }

    private static BlockResult Run(BackEnd end, BlockPattern pattern)
    {
        using var load = new BlockLoad(end, pattern, DiskBytes);
        load.Measure(WarmUp);
        return load.Measure(Round);
    }

    private static double Median(List<BlockResult> results, Func<BlockResult, double> of) => Samples.Median(results.Select(of));

    /// <summary>Written through once, so that no side meets holes.</summary>
    private static string MakeDisk(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            using var file = File.Create(path);
            var chunk = new byte[1 << 20];
            new Random(2).NextBytes(chunk);
            for (var at = 0L; at < DiskBytes; at += chunk.Length)
            {
                file.Write(chunk);
            }
        }

        return path;
    }
}
