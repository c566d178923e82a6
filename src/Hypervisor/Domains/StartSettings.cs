namespace Orchestrator.Hypervisor.Domains;

/// <summary>What a start takes anew; 0 and no files leave what is there.</summary>
internal sealed record StartSettings(int Vcpus, long MemoryBytes, IReadOnlyList<ConfigFile> ConfigFiles)
{
    public GuestSpec ApplyTo(GuestSpec spec) => spec with
    {
        Vcpus = Vcpus > 0 ? Vcpus : spec.Vcpus,
        MemoryBytes = MemoryBytes > 0 ? MemoryBytes : spec.MemoryBytes,
    };
}
