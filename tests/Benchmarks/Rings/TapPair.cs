using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>The peer: the kernel's bridge with two TAP devices, in a network namespace of its own, one thread that writes and one that reads.</summary>
internal static class TapPair
{
    public const string Word = "tap-pair";
    private const string Bridge = "bench0";

    /// <summary>Prints frames a second that came through.</summary>
    public static int Run(int frameBytes, double warmUpSeconds, double seconds)
    {
        Ip("link", "add", Bridge, "type", "bridge");
        Ip("link", "set", Bridge, "up");
        using var from = TapDevices.Open("from%d", Bridge, CardDriver.HeaderBytes, out _);
        using var to = TapDevices.Open("to%d", Bridge, CardDriver.HeaderBytes, out _);

        // The bridge learns where each is.
        TapDevices.Write(to, Message(frameBytes, source: 1, destination: 0));
        TapDevices.Write(from, Message(frameBytes, source: 0, destination: 1));
        using var over = new CancellationTokenSource();
        var writer = new Thread(() => Write(from, Message(frameBytes, source: 0, destination: 1), over.Token));
        writer.Start();
        var received = Read(to, warmUpSeconds, seconds);
        over.Cancel();
        writer.Join();
        Console.WriteLine((received / seconds).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static void Write(SafeFileHandle tap, byte[] message, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            TapDevices.Write(tap, message);
        }
    }

    private static long Read(SafeFileHandle tap, double warmUpSeconds, double seconds)
    {
        var buffer = new byte[2048];
        var started = Stopwatch.GetTimestamp();
        var received = 0L;
        while (Stopwatch.GetElapsedTime(started).TotalSeconds is var elapsed && elapsed < warmUpSeconds + seconds)
        {
            Events.Await(tap);
            for (var i = 0; i < 64 && TapDevices.Read(tap, buffer) > 0; i++)
            {
                received += elapsed > warmUpSeconds ? 1 : 0;
            }
        }

        return received;
    }

    private static byte[] Message(int frameBytes, int source, int destination)
    {
        var message = new byte[CardDriver.HeaderBytes + frameBytes];
        SwitchServer.AddressOf(destination).Write(message.AsSpan(CardDriver.HeaderBytes));
        SwitchServer.AddressOf(source).Write(message.AsSpan(CardDriver.HeaderBytes + 6));
        (message[CardDriver.HeaderBytes + 12], message[CardDriver.HeaderBytes + 13]) = (0x88, 0xB5);
        return message;
    }

    private static void Ip(params string[] arguments)
    {
        using var process = Process.Start("ip", arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }
}
