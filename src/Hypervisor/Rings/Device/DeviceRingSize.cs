namespace Orchestrator.Hypervisor.Rings.Device;

/// <param name="Slots">A power of two: how many requests of all domains are on their way at once.</param>
/// <param name="Depth">How many of them the device itself has at once; the others are in line.</param>
/// <param name="TicksPerSecond">Of the clock whose ticks all calls are given.</param>
/// <param name="ActiveTicks">How long a domain that asks nothing keeps its share.</param>
internal sealed record DeviceRingSize(int Slots, int Depth, long TicksPerSecond, long ActiveTicks)
{
    public const int DefaultSlots = 256;
    public const int DefaultDepth = 128;

    /// <summary>A guest that does anything every second never finds its share taken.</summary>
    public static DeviceRingSize Default(long ticksPerSecond) => new(DefaultSlots, DefaultDepth, ticksPerSecond, ticksPerSecond);
}
