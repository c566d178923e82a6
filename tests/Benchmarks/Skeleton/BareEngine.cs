extern alias contracts;
using System.Diagnostics;
using contracts::Orchestrator.Dom0.V1;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>
/// The engine's program with the very arguments and files that dom0 gave it, started by nobody but us. Its disks alone are the engine's
/// own block devices: dom0 isn't there to serve them.
/// </summary>
internal sealed class BareEngine
{
    private readonly string _folder;
    private readonly string _program;
    private readonly string[] _arguments;

    private BareEngine(string folder, string program, string[] arguments) => (_folder, _program, _arguments) = (folder, program, arguments);

    /// <summary>Reads how the domain's engine was started and copies its folder.</summary>
    public static async Task<BareEngine> OfAsync(BenchCluster cluster, string id)
    {
        var domain = await cluster.Domains.GetAsync(new GetDomainRequest { Id = id });
        var arguments = (await File.ReadAllTextAsync($"/proc/{domain.ProcessId}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var folder = Path.Combine(cluster.Directory, "bench-engine");
        Directory.CreateDirectory(folder);
        using var copy = Process.Start("cp", ["--recursive", "--sparse=always", $"/proc/{domain.ProcessId}/cwd/.", folder]);
        await copy.WaitForExitAsync();
        var image = $"/proc/{domain.ProcessId}/cwd/../../images/{domain.Spec.RootImageDigest["sha256:".Length..]}.ext4";
        using var disk = Process.Start("cp", ["--sparse=always", image, Path.Combine(folder, "root.ext4")]);
        await disk.WaitForExitAsync();
        return new BareEngine(folder, arguments[0], [.. arguments[1..].Select(WithoutDom0)]);
    }

    private static string WithoutDom0(string argument) => argument switch
    {
        "virtio_uml.device=root.vhost:2" => "ubd0=root.ext4",
        "virtio_uml.device=report.vhost:2" => "ubd1=report.img",
        _ => argument,
    };

    public async Task<double> FirstLineAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        using var engine = Process.Start(new ProcessStartInfo(_program, _arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var line = await engine.StandardOutput.ReadLineAsync();
        var milliseconds = Samples.MillisecondsSince(started);
        engine.Kill(entireProcessTree: true);
        await engine.WaitForExitAsync();
        Directory.Delete(_folder, recursive: true);
        return line is null ? throw new InvalidOperationException("the engine alone printed nothing") : milliseconds;
    }
}
