using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.Tests.FrontEnd;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>
/// A real guest goes from one QEMU to another while it reads its disk through our rings: QEMU gives us its log, and the other's device goes on
/// where the first one's rings stood. That no page lacks its bit is <c>DirtyLogTests</c>' to show: a guest seldom looks again at what it has
/// read. The guest is stopped before the last round: one that QEMU's translation runs until then comes out damaged with QEMU's own disk too.
/// </summary>
public sealed class MigrationTests : IAsyncLifetime
{
    private const int DiskBytes = 8 << 20;
    private const int MemoryMebibytes = 128;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("migration-").FullName;
    private readonly DeviceLoop _loop = ServedDisk.CreateLoop();
    private readonly HostKernel _kernel = HostKernel.Newest() ?? throw new InvalidOperationException("no kernel for guests in /boot");
    private readonly List<(BlockDevice Device, VhostPort Port)> _disks = [];
    private readonly List<Process> _engines = [];

    private string Disk => Path.Combine(_folder, "disk");

    public async ValueTask InitializeAsync()
    {
        var noise = new byte[DiskBytes];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(Disk, noise);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "initramfs"), Initramfs());
        foreach (var side in (string[])["here", "there"])
        {
            var device = await _loop.AskAsync(
                () => new BlockDevice(_loop, NullLogger.Instance, side, RawDisk.Open(Disk, isReadOnly: false), "disk", 1, DomainLimits.None));
            _disks.Add((device, VhostPort.Open(Path.Combine(_folder, side), device, new VhostPeer(0, 1 << 30), null, NullLogger.Instance)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            engine.Kill();
            await engine.WaitForExitAsync();
            engine.Dispose();
        }

        foreach (var (device, port) in _disks)
        {
            await port.CloseAsync();
            await _loop.AskAsync(() =>
            {
                device.Dispose();
                return true;
            });
        }

        _loop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public async Task AGuestThatReadsItsDiskReadsTheSameWhereItGoes(string packed)
    {
        using var limit = new CancellationTokenSource(Limit);
        var incoming = Path.Combine(_folder, "incoming");
        var there = Start("there", packed, "-incoming", $"unix:{incoming}");
        var here = Start("here", packed);
        await ReadSumsAsync(here, 2, limit.Token);
        while (!File.Exists(incoming))
        {
            limit.Token.ThrowIfCancellationRequested();
            Thread.Yield();
        }

        await MigrateAsync(incoming, () => ReadSumsAsync(here, 2, limit.Token), limit.Token);
        await ContinueAsync(limit.Token);
        await ReadSumsAsync(there, 3, limit.Token);
        Assert.True(_disks[1].Device.Figures.Reads > 0);
        Assert.All(_disks, disk => Assert.Equal(Orchestrator.Hypervisor.Rings.Queues.QueueFault.None, disk.Device.Fault));
    }

    private static async Task ReadSumsAsync(Process engine, int count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            var line = await engine.StandardOutput.ReadLineAsync(cancellation) ?? throw new InvalidOperationException(
                "the engine ended: " + await engine.StandardError.ReadToEndAsync(cancellation));
            Assert.DoesNotContain("another", line, StringComparison.Ordinal);
            count -= line.Contains("the same", StringComparison.Ordinal) ? 1 : 0;
        }
    }

    private Process Start(string side, string packed, params string[] more)
    {
        var engine = Process.Start(new ProcessStartInfo("qemu-system-x86_64",
        [
            "-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc,usb=off,memory-backend=ram", "-accel", "tcg", "-cpu", "qemu64",
            "-object", $"memory-backend-memfd,id=ram,share=on,seal=on,size={MemoryMebibytes}M", "-m", $"{MemoryMebibytes}M",
            "-kernel", _kernel.Image, "-initrd", Path.Combine(_folder, "initramfs"), "-append", "console=ttyS0 quiet",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", $"socket,id=disk,path={Path.Combine(_folder, side)},reconnect=1",
            "-device", $"vhost-user-blk-pci,chardev=disk,num-queues=1,packed={packed}",
            "-qmp", $"unix:{Path.Combine(_folder, side)}.qmp,server=on,wait=off", .. more,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _engines.Add(engine);
        return engine;
    }

    private async Task MigrateAsync(string incoming, Func<Task> meanwhile, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "here.qmp")), cancellation);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            """
            {"execute":"qmp_capabilities"}
            {"execute":"migrate-set-capabilities","arguments":{"capabilities":[{"capability":"events","state":true}]}}
            {"execute":"migrate-set-parameters","arguments":{"max-bandwidth":8000000}}
            {"execute":"migrate","arguments":{"uri":"unix:INCOMING"}}

            """.Replace("INCOMING", incoming, StringComparison.Ordinal)), cancellation);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellation) is { } line && !line.Contains("completed", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("\"error\"", line, StringComparison.Ordinal);
            Assert.DoesNotContain("failed", line, StringComparison.Ordinal);
            if (line.Contains("\"active\"", StringComparison.Ordinal))
            {
                await meanwhile();
                await stream.WriteAsync(
                    """
                    {"execute":"stop"}
                    {"execute":"migrate-set-parameters","arguments":{"max-bandwidth":4000000000}}

                    """u8.ToArray(), cancellation);
            }
        }
    }

    private async Task ContinueAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "there.qmp")), cancellation);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"cont\"}\n"u8.ToArray(), cancellation);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellation) is { } line && !line.Contains("RESUME", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("\"error\"", line, StringComparison.Ordinal);
        }
    }

    private byte[] Initramfs()
    {
        var archive = new NewcArchive();
        GuestInitramfs.AddBusybox(archive);
        archive.AddFolder("proc");
        archive.AddFolder("modules");
        var modules = _kernel.FindModules(["virtio_pci", "virtio_blk"], [], out var problem) ?? throw new InvalidOperationException(problem);
        foreach (var module in modules)
        {
            archive.AddFile($"modules/{Path.GetFileName(module)}", NewcArchive.ReadableFile, File.ReadAllBytes(module));
        }

        var order = string.Join(' ', modules.Select(Path.GetFileName));
        archive.AddFile("init", NewcArchive.Executable, Encoding.UTF8.GetBytes($$"""
            #!/bin/busybox sh
            alias b=/bin/busybox
            b mount -t proc proc /proc; b mount -t devtmpfs devtmpfs /dev
            for m in {{order}}; do b insmod /modules/$m; done
            until [ -b /dev/vda ]; do b usleep 10000; done
            while :; do
              echo 3 >/proc/sys/vm/drop_caches
              sum=$(b md5sum </dev/vda)
              [ "$sum" = "${first:=$sum}" ] && echo "the same" || echo "another: $sum"
            done

            """));
        return archive.ToArray();
    }
}
