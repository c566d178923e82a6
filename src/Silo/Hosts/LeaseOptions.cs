using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Hosts;

/// <summary>How long a silent host is trusted.</summary>
internal sealed class LeaseOptions
{
    public const int DefaultHeartbeatSeconds = 10;
    public const int DefaultLeaseSeconds = 40;

    [Range(1, 300)]
    public int HeartbeatSeconds { get; set; } = DefaultHeartbeatSeconds;

    [Range(2, 3600)]
    public int LeaseSeconds { get; set; } = DefaultLeaseSeconds;
}
