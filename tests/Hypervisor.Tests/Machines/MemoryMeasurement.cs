using System.Globalization;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>
/// What each guest adds to dom0's memory, of the published program:
/// <c>DOM0_PROGRAM=…/dom0 Orchestrator.Hypervisor.Tests -class '*MemoryMeasurement' -explicit only -showliveoutput</c>.
/// </summary>
public sealed class MemoryMeasurement
{
    private const int Guests = 8;

    [Fact(Explicit = true)]
    public async Task ResidentMemoryWithGuests()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        Show(dom0, "no guest");
        var image = await dom0.ImportBusyboxAsync("sh");
        Show(dom0, "an image imported");
        for (var number = 1; number <= Guests; number++)
        {
            await dom0.RunAsync($"guest-{number}", new DomainSpec
            {
                Engine = "uml",
                Vcpus = 1,
                MemoryBytes = 96 << 20,
                RootImageDigest = image,
                RootDiskBytes = 256 << 20,
                Hostname = "guest",
            });
            using var console = await ConsoleClient.OpenAsync(dom0, $"guest-{number}");
            await console.ExpectAsync("# ");
            await console.TypeAsync("b=/dev/.orchestrator/busybox; $b dd if=/dev/urandom of=/f bs=1M count=4; $b sync; echo it is wri''tten\n");
            await console.ExpectAsync("it is written");
            Show(dom0, $"guest {number} has written 4 MiB");
        }

        await dom0.KillAsync();
        await dom0.StartAsync();
        Show(dom0, $"another dom0 with {Guests} guests");
    }

    /// <summary>Anonymous pages are dom0's own; file pages are programs, shared with others; shared memory is mostly the guests'.</summary>
    private static void Show(Dom0Process dom0, string when)
    {
        var figures = File.ReadLines($"/proc/{dom0.Pid}/status")
            .Select(line => line.Split((char[])[':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words[0] is "VmRSS" or "RssAnon" or "RssFile" or "RssShmem")
            .Select(words => $"{words[0]} {long.Parse(words[1], CultureInfo.InvariantCulture) * 1024 / 1e6:0.0} MB");
        TestContext.Current.TestOutputHelper!.WriteLine($"{when}: {string.Join(", ", figures)}");
    }
}
