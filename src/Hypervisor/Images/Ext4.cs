using System.Globalization;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Images;

/// <summary>Makes and copies ext4 file systems with Debian's e2fsprogs. Only what we made ourselves is ever given to them.</summary>
internal static class Ext4
{
    private const long SmallestBytes = 32L << 20;
    private const long MebibyteBytes = 1L << 20;
    private const int SpareInodes = 4096;
    private static readonly TimeSpan MakeLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CopyLimit = TimeSpan.FromMinutes(10);

    /// <summary>A file system with room for the journal and a little more; the guest's own disk is grown from it.</summary>
    public static async Task MakeAsync(string disk, string files, long bytes, int inodes, CancellationToken cancellation)
    {
        var wanted = Math.Max(SmallestBytes, bytes + bytes / 8 + SmallestBytes);
        var rounded = (wanted + MebibyteBytes - 1) / MebibyteBytes;
        await RunAsync(
            "mke2fs",
            [
                "-q", "-F", "-t", "ext4", "-m", "0", "-L", "root", "-E", "root_owner=0:0,lazy_itable_init=1",
                "-N", (inodes + inodes / 4 + SpareInodes).ToString(CultureInfo.InvariantCulture),
                "-d", files, disk, $"{rounded}M",
            ],
            MakeLimit,
            cancellation);
    }

    /// <summary>A guest's own disk: a copy that shares what the host's file system can share, grown to its size.</summary>
    public static async Task CopyAsync(string image, string disk, long bytes, CancellationToken cancellation)
    {
        await RunAsync("cp", ["--reflink=auto", "--sparse=auto", image, disk], CopyLimit, cancellation);
        if (bytes > new FileInfo(image).Length)
        {
            await using (var file = new FileStream(disk, FileMode.Open, FileAccess.Write))
            {
                file.SetLength(bytes);
            }

            await RunAsync("resize2fs", ["-f", disk], CopyLimit, cancellation);
        }
    }

    private static async Task RunAsync(string program, string[] arguments, TimeSpan limit, CancellationToken cancellation)
    {
        var result = await HostCommand.RunAsync(program, arguments, limit, cancellation);
        if (!result.Succeeded)
        {
            throw new IOException($"{program} failed: {result.Output.Trim()}");
        }
    }
}
