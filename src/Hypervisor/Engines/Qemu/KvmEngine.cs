using System.Globalization;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Engines.Qemu;

/// <summary>QEMU with the host's KVM (hardware). Available only where a stock kernel has really booted on it.</summary>
internal sealed class KvmEngine : QemuEngine
{
    private const string Device = "/dev/kvm";
    private static readonly TimeSpan StatLimit = TimeSpan.FromSeconds(5);
    private readonly KvmProbe _probe;
    private long? _deviceGroup;
    private (string? Problem, bool Known) _boot;

    public KvmEngine(KvmProbe probe)
    {
        _probe = probe;
    }

    public override string Name => "kvm";

    public override long? DeviceGroup => _deviceGroup;

    protected override string CardInterrupts => "vectors=3";

    protected override IReadOnlyList<string> Accelerator { get; } = ["-accel", "kvm", "-cpu", "host"];

    public override async Task<EngineAvailability> ProbeAsync(CancellationToken cancellation)
    {
        if (!File.Exists(Device))
        {
            return new EngineAvailability(false, "there is no /dev/kvm: enable virtualisation in the firmware and load kvm_intel or kvm_amd");
        }

        if (HostVirtualization.CpuExtension() is "")
        {
            return new EngineAvailability(false, "/dev/kvm has no hardware behind it: the CPU shows neither vmx nor svm");
        }

        var emulated = await base.ProbeAsync(cancellation);
        if (!emulated.Available)
        {
            return emulated;
        }

        var group = await HostCommand.RunAsync("stat", ["-c", "%g", Device], StatLimit, cancellation);
        _deviceGroup = long.Parse(group.Output, CultureInfo.InvariantCulture);
        if (!_boot.Known)
        {
            // Not again in this dom0's life: it costs a boot.
            _boot = (await _probe.BootAsync(Platform.KernelFile!, _deviceGroup.Value, cancellation), true);
        }

        return _boot.Problem is { } problem ? new EngineAvailability(false, problem) : emulated;
    }
}
