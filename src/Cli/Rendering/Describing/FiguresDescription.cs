using System.Globalization;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Cli.Rendering.Describing;

/// <summary>A running machine in figures: its threads and memory, its disks, and how their requests fare in the host's ring.</summary>
internal static class FiguresDescription
{
    public static void Write(Description text, MachineFigures figures)
    {
        text.Heading(0, "Figures");
        text.Field(1, "CPU Time", Seconds(figures.CpuNanoseconds));
        text.Lines(1, "vCPUs", figures.Vcpus.Select(vcpu => $"thread {vcpu.ThreadId}, {Seconds(vcpu.CpuNanoseconds)}"));
        text.Field(1, "Memory", $"{Amounts.Bytes(figures.MemoryBytes)} of {Amounts.Bytes(figures.MemoryLimitBytes)}");
        text.Field(1, "Guest Pages", Text(figures.GuestPages));
        text.Heading(1, "Disks");
        text.Table(2, ["Name", "Size", "Stored", "Layers", "Reads", "Writes", "Flushes", "Frees", "Read", "Written", "Errors"], [.. figures.Disks.Select(Disk)]);
        text.Heading(1, "Rings");
        text.Table(
            2, ["Disk", "Slots", "Share", "Busy", "Throttled", "Queue p50", "Queue p99", "Service p50", "Service p99"], [.. figures.Disks.Select(Ring)]);
        text.Field(1, "Host's Ring", $"{figures.Ring.SlotsInUse} of {figures.Ring.Slots} slots, {figures.Ring.InLine} in line");
    }

    private static IReadOnlyList<string> Disk(DiskFigures disk) =>
    [
        disk.Name, Amounts.Bytes(disk.SizeBytes), Amounts.Bytes(disk.StoredBytes), Text(disk.Layers), Text(disk.Reads), Text(disk.Writes),
        Text(disk.Flushes), Text(disk.Frees), Amounts.Bytes(disk.ReadBytes), Amounts.Bytes(disk.WrittenBytes), Text(disk.Errors),
    ];

    private static IReadOnlyList<string> Ring(DiskFigures disk) =>
    [
        disk.Name, Text(disk.SlotsInUse), Text(disk.SlotShare), Text(disk.BusyCount), Text(disk.ThrottledCount),
        Amounts.Time(disk.QueueTime.P50Nanoseconds), Amounts.Time(disk.QueueTime.P99Nanoseconds),
        Amounts.Time(disk.ServiceTime.P50Nanoseconds), Amounts.Time(disk.ServiceTime.P99Nanoseconds),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(long nanoseconds) => (nanoseconds / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + "s";
}
