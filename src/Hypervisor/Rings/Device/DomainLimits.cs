namespace Orchestrator.Hypervisor.Rings.Device;

/// <summary>What a domain may ask of a host device. A rate of zero is no limit; bursts count where the rate does.</summary>
internal sealed record DomainLimits
{
    public const int DefaultWeight = 100;
    public const int LargestWeight = 10_000;

    public static readonly DomainLimits None = new();

    /// <summary>Its part of the slots, beside the weights of the others that are active.</summary>
    public int Weight { get; init; } = DefaultWeight;

    public long OperationsPerSecond { get; init; }

    public long BurstOperations { get; init; } = 1;

    public long BytesPerSecond { get; init; }

    public long BurstBytes { get; init; } = 1 << 20;
}
