using System.Diagnostics;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>
/// What dom0 adds to a machine's way to its first console line, in one run with the bare engine:
/// <c>Orchestrator.Hypervisor.Tests -explicit only -showliveoutput</c>.
/// </summary>
public sealed class BootTimeMeasurement
{
    private const int Rounds = 7;

    [Fact(Explicit = true)]
    public async Task FirstConsoleLine()
    {
        await using var dom0 = new Dom0Process();
        await dom0.StartAsync();
        var spec = new DomainSpec
        {
            Engine = "uml",
            Vcpus = 1,
            MemoryBytes = 128L << 20,
            RootImageDigest = await dom0.ImportBusyboxAsync("sleep", "10000"),
            RootDiskBytes = 256L << 20,
            Hostname = "timed",
        };
        List<double> bare = [];
        List<double> created = [];
        List<double> line = [];
        List<double> started = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            await dom0.Domains.CreateAsync(new CreateDomainRequest { Id = "timed", Spec = spec });
            created.Add(watch.Elapsed.TotalMilliseconds);
            using var console = await ConsoleClient.OpenAsync(dom0, "timed", scrollback: 0);
            var start = dom0.Domains.StartAsync(new StartDomainRequest { Id = "timed" }).ResponseAsync;
            await console.ExpectAsync("Linux version");
            line.Add(watch.Elapsed.TotalMilliseconds);
            await start;
            started.Add(watch.Elapsed.TotalMilliseconds);
            await dom0.Domains.StopAsync(new StopDomainRequest { Id = "timed" });

            var folder = Path.Combine(dom0.Data, "domains", "timed");
            File.Copy(Path.Combine(dom0.Data, "images", spec.RootImageDigest["sha256:".Length..] + ".ext4"), Path.Combine(folder, "root.ext4"));
            bare.Add(await BareAsync(folder));
            await dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "timed" });
        }

        var memory = string.Join(' ', File.ReadLines($"/proc/{dom0.Pid}/status").Where(text => text.Contains("Rss", StringComparison.Ordinal) || text.Contains("RSS", StringComparison.Ordinal)));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"median of {Rounds}: bare linux.uml to its first line {Median(bare):0} ms; through dom0, create + start to the same line "
            + $"{Median(line):0} ms (create {Median(created):0} ms), to RUNNING {Median(started):0} ms; dom0 {memory}");
    }

    /// <summary>The same kernel, initramfs and disk, started by hand.</summary>
    private static async Task<double> BareAsync(string folder)
    {
        var watch = Stopwatch.StartNew();
        using var engine = Process.Start(new ProcessStartInfo(
            "linux.uml",
            ["mem=131072K", "initrd=initramfs.cpio", "ubd0=root.ext4", "ubd1=report.img", "con0=fd:0,fd:1", "con=null", "ssl=null", "uml_dir=engine/", "umid=bare"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (await engine.StandardOutput.ReadLineAsync() is { } text && !text.Contains("Linux version", StringComparison.Ordinal))
        {
        }

        var elapsed = watch.Elapsed.TotalMilliseconds;
        engine.Kill(entireProcessTree: true);
        await engine.WaitForExitAsync();
        return elapsed;
    }

    /// <summary>Without the first round, which warms the caches of both.</summary>
    private static double Median(List<double> values) => values.Skip(1).Order().ElementAt(Rounds / 2);
}
