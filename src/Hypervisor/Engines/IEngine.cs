using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Domains;

namespace Orchestrator.Hypervisor.Engines;

/// <summary>Whether an engine works on this host: its version, or what is missing and how to get it.</summary>
internal sealed record EngineAvailability(bool Available, string Message);

/// <summary>What a guest finds inside: its devices, and the modules that it must load in this order to see them.</summary>
internal sealed record GuestPlatform(string RootDevice, string ReportDevice, IReadOnlyList<string> ModuleFiles, string? KernelFile);

/// <summary>The program to run. Paths in the arguments are relative to the domain's folder.</summary>
internal sealed record EngineInvocation(string Program, IReadOnlyList<string> Arguments);

/// <summary>The engine of a living domain: where its files are, and which user its sockets must belong to.</summary>
internal readonly record struct EngineSeat(DomainFolder Folder, long UserId, int Pid);

/// <summary>
/// A way to run a guest. It starts nothing itself: it says what to run and speaks the engine's control protocol.
/// Whatever an engine answers is untrusted: its process may be in the guest's hands.
/// </summary>
internal interface IEngine
{
    string Name { get; }

    Task<EngineAvailability> ProbeAsync(CancellationToken cancellation);

    /// <summary>Only of an available engine.</summary>
    GuestPlatform Platform { get; }

    /// <summary>What it can't run of this spec: the field's path and why.</summary>
    IEnumerable<(string Field, string Problem)> Violations(GuestSpec spec);

    CgroupLimits Limits(GuestSpec spec);

    /// <summary>A group of the host that the process needs for its device, beyond its own.</summary>
    long? DeviceGroup { get; }

    /// <summary>Whether it says where a packed ring begins: such rings are offered to no other (docs/adr/0010).</summary>
    bool TakesPackedRings { get; }

    /// <param name="kernel">The guest's kernel as the engine may name it, if the platform has one apart from the engine.</param>
    EngineInvocation Invocation(GuestSpec spec, string? kernel);

    /// <summary>Whether its control socket answers.</summary>
    Task<bool> IsReadyAsync(EngineSeat seat, CancellationToken cancellation);

    /// <summary>The host's thread of each virtual CPU; empty if the engine doesn't say.</summary>
    Task<IReadOnlyList<long>> VcpuThreadsAsync(EngineSeat seat, CancellationToken cancellation);

    /// <summary>
    /// Differs after the guest has restarted inside the same process, if the engine lets it. Null if it doesn't, or isn't that far.
    /// </summary>
    object? BootMark(EngineSeat seat);

    /// <summary>Asks the guest to shut down; called again until it has. False if the engine did not take the request.</summary>
    Task<bool> AskShutdownAsync(EngineSeat seat, CancellationToken cancellation);
}
