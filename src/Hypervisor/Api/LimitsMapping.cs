using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Api;

/// <summary>Rates with their bursts, between the contract and the rings.</summary>
internal static class LimitsMapping
{
    /// <summary>As much as anybody has: a terabyte a second.</summary>
    private const long Largest = 1L << 40;

    private const long SmallestBurstBytes = 64 << 10;

    public static DomainLimits? FromWire(RateLimits? limits) => limits is null || (limits.OperationsPerSecond == 0 && limits.BytesPerSecond == 0)
        ? null
        : new DomainLimits
        {
            OperationsPerSecond = limits.OperationsPerSecond,
            BurstOperations = limits.BurstOperations > 0 ? limits.BurstOperations : Math.Max(limits.OperationsPerSecond / 10, 1),
            BytesPerSecond = limits.BytesPerSecond,
            BurstBytes = limits.BurstBytes > 0 ? limits.BurstBytes : Math.Max(limits.BytesPerSecond / 10, SmallestBurstBytes),
        };

    public static RateLimits? ToWire(DomainLimits? limits) => limits is null ? null : new RateLimits
    {
        OperationsPerSecond = limits.OperationsPerSecond,
        BurstOperations = limits.BurstOperations,
        BytesPerSecond = limits.BytesPerSecond,
        BurstBytes = limits.BurstBytes,
    };

    public static IEnumerable<string> Violations(string path, RateLimits? limits)
    {
        foreach (var (field, value) in limits is null ? [] : ((string, long)[])
        [
            ("operations_per_second", limits.OperationsPerSecond), ("burst_operations", limits.BurstOperations),
            ("bytes_per_second", limits.BytesPerSecond), ("burst_bytes", limits.BurstBytes),
        ])
        {
            if (value is < 0 or > Largest)
            {
                yield return $"{path}.{field}: must be between 0 and {Largest}";
            }
        }
    }
}
