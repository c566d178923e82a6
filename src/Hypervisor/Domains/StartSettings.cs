namespace Orchestrator.Hypervisor.Domains;

/// <summary>What a start takes anew; 0 leaves it as it is.</summary>
internal sealed record StartSettings(int Vcpus, long MemoryBytes)
{
    public GuestSpec ApplyTo(GuestSpec spec) => spec with
    {
        Vcpus = Vcpus > 0 ? Vcpus : spec.Vcpus,
        MemoryBytes = MemoryBytes > 0 ? MemoryBytes : spec.MemoryBytes,
    };
}
