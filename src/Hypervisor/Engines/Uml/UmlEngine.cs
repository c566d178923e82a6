using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Engines.Uml;

/// <summary>
/// User-Mode Linux: the guest's kernel is a process (paravirtual). Every process of the guest is one of the host too, traced by it.
/// </summary>
internal sealed class UmlEngine : IEngine
{
    private const string Program = "linux.uml";
    private const long SmallestMemoryBytes = 32L << 20;
    private const long OverheadBytes = 64L << 20;

    /// <summary>One host process for each of the guest's.</summary>
    private const int ProcessLimit = 4096;

    private const string ModulesRoot = "/usr/lib/uml/modules/";

    // Virtio's numbers for network cards and disks.
    private const int NetworkDeviceId = 1;
    private const int BlockDeviceId = 2;

    private static readonly string[] NeededModules = ["virtio_blk", "virtio_net"];

    // Of config drives, which an image without modules of its own could not read otherwise.
    private static readonly string[] WantedModules = ["isofs"];
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);

    private GuestPlatform? _platform;

    public string Name => "uml";

    public long? DeviceGroup => null;

    // Its driver says 0 for every ring.
    public bool TakesPackedRings => false;

    public GuestPlatform Platform => _platform ?? throw new InvalidOperationException($"{Name} has not been probed");

    public async Task<EngineAvailability> ProbeAsync(CancellationToken cancellation)
    {
        if (HostCommand.Find(Program) is null)
        {
            return new EngineAvailability(false, "linux.uml is not installed: apt-get install user-mode-linux");
        }

        var version = await HostCommand.RunAsync(Program, ["--version"], ProbeLimit, cancellation);
        if (!version.Succeeded)
        {
            return new EngineAvailability(false, $"linux.uml does not run here: {version.Output.Trim()}");
        }

        var release = version.Output.Trim();
        if (!Memory.BusErrorHandler.IsSupported)
        {
            return new EngineAvailability(false, "its memory can't be sealed, and on this processor dom0 could not survive its loss");
        }

        if (new HostKernel(release, Program, ModulesRoot + release).FindModules(NeededModules, WantedModules, out var problem) is not { } modules)
        {
            return new EngineAvailability(false, problem);
        }

        _platform = new GuestPlatform("/dev/vda", "/dev/vdb", modules, KernelFile: null);
        return new EngineAvailability(true, $"User-Mode Linux {release}");
    }

    public IEnumerable<(string Field, string Problem)> Violations(GuestSpec spec)
    {
        if (spec.Vcpus != 1)
        {
            yield return ("spec.vcpus", "User-Mode Linux has exactly one virtual CPU");
        }

        if (spec.MemoryBytes < SmallestMemoryBytes)
        {
            yield return ("spec.memory_bytes", $"User-Mode Linux needs at least {SmallestMemoryBytes} bytes");
        }
    }

    public CgroupLimits Limits(GuestSpec spec) => new(spec.MemoryBytes + OverheadBytes, ProcessLimit, spec.Vcpus);

    public EngineInvocation Invocation(GuestSpec spec, string? kernel) => new(
        HostCommand.Find(Program)!,
        [
            $"mem={spec.MemoryBytes / 1024}K",
            $"initrd={DomainFolder.InitramfsName}",
            .. DomainDevices.DisksOf(spec).Select(disk => $"virtio_uml.device={DomainFolder.SocketName(disk.Name)}:{BlockDeviceId}"),
            .. spec.Interfaces.Select((_, index) => $"virtio_uml.device={DomainFolder.CardSocketName(index)}:{NetworkDeviceId}"),
            "con0=fd:0,fd:1",
            "con=null",
            "ssl=null",
            $"uml_dir={DomainFolder.EngineFolderName}/",
            $"umid={MconsoleClient.UmlId}",
        ]);

    public Task<bool> IsReadyAsync(EngineSeat seat, CancellationToken cancellation) => MconsoleClient.ListensAsync(seat, cancellation);

    public Task<IReadOnlyList<long>> VcpuThreadsAsync(EngineSeat seat, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<long>>([seat.Pid]);

    public object? BootMark(EngineSeat seat) => MconsoleClient.BootMark(seat);

    public Task<bool> AskShutdownAsync(EngineSeat seat, CancellationToken cancellation) =>
        MconsoleClient.SendAsync(seat, "cad", cancellation);
}
