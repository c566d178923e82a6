using System.Globalization;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Engines.Qemu;

/// <summary>QEMU's PC: every guest instruction translated (TCG, emulated). <see cref="KvmEngine"/> is the same with KVM.</summary>
internal class QemuEngine : IEngine
{
    public const string Program = "qemu-system-x86_64";

    private const long SmallestMemoryBytes = 96L << 20;
    private const long OverheadBytes = 192L << 20;
    private const int TranslationCacheMegabytes = 128;
    private const int LargestVcpus = 64;

    /// <summary>Its main loop, its disk workers and one a virtual CPU.</summary>
    private const int ThreadsBesideVcpus = 128;

    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);

    // A guest's panic is an engine's failure instead of a guest that hangs for ever; an image without modules of its own reads config drives.
    private static readonly string[] NeededModules = ["virtio_pci", "virtio_blk", "virtio_net"];
    private static readonly string[] WantedModules = ["pvpanic-pci", "isofs"];

    private GuestPlatform? _platform;

    public virtual string Name => "qemu";

    public virtual long? DeviceGroup => null;

    public bool TakesPackedRings => true;

    public GuestPlatform Platform => _platform ?? throw new InvalidOperationException($"{Name} has not been probed");

    /// <summary>
    /// How a network card interrupts. QEMU 7.2 crashes where a vhost-user card has MSI-X and no KVM: it sets up interrupts that only KVM has.
    /// </summary>
    protected virtual string CardInterrupts => "vectors=0";

    protected virtual IReadOnlyList<string> Accelerator => ["-accel", $"tcg,tb-size={TranslationCacheMegabytes}", "-cpu", "max"];

    public virtual async Task<EngineAvailability> ProbeAsync(CancellationToken cancellation)
    {
        if (HostCommand.Find(Program) is null)
        {
            return new EngineAvailability(false, $"{Program} is not installed: apt-get install qemu-system-x86");
        }

        if (HostKernel.Newest() is not { } kernel)
        {
            return new EngineAvailability(false, "no kernel with its modules for guests in /boot: apt-get install linux-image-cloud-amd64");
        }

        if (kernel.FindModules(NeededModules, WantedModules, out var problem) is not { } modules)
        {
            return new EngineAvailability(false, problem);
        }

        var version = await HostCommand.RunAsync(Program, ["--version"], ProbeLimit, cancellation);
        if (!version.Succeeded)
        {
            return new EngineAvailability(false, $"{Program} does not run here: {version.Output.Trim()}");
        }

        _platform = new GuestPlatform("/dev/vda", "/dev/vdb", modules, kernel.Image);
        return new EngineAvailability(true, $"{version.Output.Split('\n')[0]}, guest kernel {kernel.Version}");
    }

    public IEnumerable<(string Field, string Problem)> Violations(GuestSpec spec)
    {
        if (spec.Vcpus > LargestVcpus)
        {
            yield return ("spec.vcpus", $"QEMU has at most {LargestVcpus} virtual CPUs here");
        }

        if (spec.MemoryBytes < SmallestMemoryBytes)
        {
            yield return ("spec.memory_bytes", $"the guest kernel needs at least {SmallestMemoryBytes} bytes");
        }
    }

    public CgroupLimits Limits(GuestSpec spec) => new(
        spec.MemoryBytes + OverheadBytes + ((long)TranslationCacheMegabytes << 20), ThreadsBesideVcpus + spec.Vcpus, spec.Vcpus);

    public EngineInvocation Invocation(GuestSpec spec, string? kernel) => new(
        HostCommand.Find(Program)!,
        [
            "-name", "guest", "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", "pc,usb=off,vmport=off,memory-backend=ram",
            "-object", $"memory-backend-memfd,id=ram,share=on,seal=on,size={spec.MemoryBytes / 1024}K",
            .. Accelerator,
            "-smp", spec.Vcpus.ToString(CultureInfo.InvariantCulture),
            "-m", $"size={spec.MemoryBytes / 1024}K",
            "-kernel", kernel!, "-initrd", DomainFolder.InitramfsName, "-append", "console=ttyS0",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            .. DomainDevices.DisksOf(spec).SelectMany(disk => Disk(disk.Name, spec.Vcpus)),
            .. spec.Interfaces.SelectMany(Card),
            "-device", "pvpanic-pci", "-action", "panic=exit-failure",
            "-qmp", $"unix:{DomainFolder.EngineFolderName}/{QmpClient.SocketName},server=on,wait=off",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        ]);

    public Task<bool> IsReadyAsync(EngineSeat seat, CancellationToken cancellation) =>
        QmpClient.RunAsync(seat, (_, _) => Task.FromResult(true), cancellation);

    public async Task<IReadOnlyList<long>> VcpuThreadsAsync(EngineSeat seat, CancellationToken cancellation) =>
        await QmpClient.RunAsync(seat, QmpCommands.VcpuThreadsAsync, cancellation) ?? [];

    // Asked to shut down, it ends where a guest would restart.
    public object? BootMark(EngineSeat seat) => null;

    public Task<bool> AskShutdownAsync(EngineSeat seat, CancellationToken cancellation) =>
        QmpClient.RunAsync(seat, QmpCommands.PressCtrlAltDelAsync, cancellation);

    // Without the firmware that would start over the network: nothing here offers that.
    private string[] Card(GuestInterface card, int index) =>
    [
        "-chardev", $"socket,id=net{index},path={DomainFolder.CardSocketName(index)},reconnect=1",
        "-netdev", $"vhost-user,id=card{index},chardev=net{index}",
        "-device", $"virtio-net-pci,netdev=card{index},mac={card.MacAddress},romfile=,packed=on,{CardInterrupts}",
    ];

    // It tries again by itself if dom0 ends a conversation; dom0's own end it doesn't notice.
    private static string[] Disk(string name, int queues) =>
    [
        "-chardev", $"socket,id=disk-{name},path={DomainFolder.SocketName(name)},reconnect=1",
        "-device", $"vhost-user-blk-pci,chardev=disk-{name},num-queues={queues.ToString(CultureInfo.InvariantCulture)},packed=on",
    ];
}
