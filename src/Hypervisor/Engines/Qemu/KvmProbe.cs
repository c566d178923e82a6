using System.Globalization;
using System.Text;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Engines.Qemu;

/// <summary>Boots a stock kernel on /dev/kvm, once: a device that answers may still run nothing (a host that only emulates KVM).</summary>
internal sealed class KvmProbe
{
    private const string Marker = "a stock kernel runs on kvm";
    private const string Nobody = "65534";
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(20);
    private readonly DataDirectory _data;

    public KvmProbe(DataDirectory data)
    {
        _data = data;
    }

    /// <summary>Null if it boots, else why it is thought not to.</summary>
    public async Task<string?> BootAsync(string kernel, long deviceGroup, CancellationToken cancellation)
    {
        var initramfs = Path.Combine(_data.Guests, "kvm-probe.cpio");
        await File.WriteAllBytesAsync(initramfs, Initramfs(), cancellation);
        File.SetUnixFileMode(initramfs, DataDirectory.PrivateFile | UnixFileMode.OtherRead);
        try
        {
            // No guest's code runs here but ours, so a shared unprivileged user does.
            var run = await HostCommand.RunAsync(
                "setpriv",
                [
                    "--reuid", Nobody, "--regid", Nobody, "--groups", deviceGroup.ToString(CultureInfo.InvariantCulture),
                    "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--",
                    HostCommand.Find(QemuEngine.Program)!, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                    "-machine", "pc", "-accel", "kvm", "-cpu", "host", "-m", "192", "-serial", "stdio",
                    "-kernel", kernel, "-initrd", initramfs, "-append", "console=ttyS0 quiet panic=-1",
                ],
                BootLimit,
                cancellation);
            return run.Output.Contains(Marker, StringComparison.Ordinal)
                ? null
                : $"a stock kernel did not boot on /dev/kvm: {LastLine(run.Output)}";
        }
        catch (TimeoutException)
        {
            return $"a stock kernel did not boot on /dev/kvm within {BootLimit.TotalSeconds:0} s";
        }
        finally
        {
            File.Delete(initramfs);
        }
    }

    private static byte[] Initramfs()
    {
        var archive = new NewcArchive();
        GuestInitramfs.AddBusybox(archive);
        archive.AddFile("init", NewcArchive.Executable, Encoding.ASCII.GetBytes($"#!/bin/busybox sh\necho {Marker}\n/bin/busybox poweroff -f\n"));
        return archive.ToArray();
    }

    private static string LastLine(string output) => output.Trim().Split('\n')[^1].Trim();
}
