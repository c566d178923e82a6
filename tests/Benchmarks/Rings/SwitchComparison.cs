using System.Diagnostics;
using System.Globalization;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>Frames from one guest to another through the switch, beside the kernel's bridge between two TAP devices, in turns.</summary>
internal static class SwitchComparison
{
    private const int Rounds = 5;
    private const string Peer = "Linux bridge, two TAPs";
    private static readonly double WarmUpSeconds = 0.3;
    private static readonly double Seconds = 0.7;

    public static IEnumerable<Figure> Measure()
    {
        foreach (var bytes in (int[])[60, 1514])
        {
            List<double> ours = [];
            List<double> theirs = [];
            for (var round = 0; round < Rounds; round++)
            {
                ours.Add(Ours(bytes));
                theirs.Add(Theirs(bytes));
            }

            yield return new Figure($"guest to guest, frames of {bytes} bytes", Samples.Median(ours) / 1000, "k/s")
            {
                Peer = Samples.Median(theirs) / 1000,
                PeerName = Peer,
                HigherIsBetter = true,
            };
        }
    }

    private static double Ours(int bytes)
    {
        var folder = Directory.CreateTempSubdirectory("bench-switch-").FullName;
        try
        {
            using var server = BackEnd.Switch(Path.Combine(folder, "first"), Path.Combine(folder, "second"));
            using var sender = new CardDriver(Path.Combine(folder, "first"));
            using var receiver = new CardDriver(Path.Combine(folder, "second"));
            using var over = new CancellationTokenSource();
            var frame = new byte[bytes];
            SwitchServer.AddressOf(1).Write(frame);
            SwitchServer.AddressOf(0).Write(frame.AsSpan(6));
            (frame[12], frame[13]) = (0x88, 0xB5);
            var sending = new Thread(() => sender.Send(frame, over.Token));
            sending.Start();
            var started = Stopwatch.GetTimestamp();
            double Elapsed() => Stopwatch.GetElapsedTime(started).TotalSeconds;
            var received = receiver.Receive(() => Elapsed() >= WarmUpSeconds + Seconds, () => Elapsed() > WarmUpSeconds);
            over.Cancel();
            sending.Join();
            return received / Seconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Theirs(int bytes)
    {
        var start = new ProcessStartInfo("unshare",
        [
            "--net", "--", Environment.ProcessPath!, TapPair.Word, bytes.ToString(CultureInfo.InvariantCulture),
            WarmUpSeconds.ToString(CultureInfo.InvariantCulture), Seconds.ToString(CultureInfo.InvariantCulture),
        ])
        { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }
}
