using System.Globalization;
using Orchestrator.Hypervisor.Domains;

namespace Orchestrator.Hypervisor.Engines;

/// <summary>Tells processes apart for good, by /proc.</summary>
internal static class ProcessTable
{
    private const int UserTime = 11; // field 14, and the next is the kernel's

    /// <summary>USER_HZ, which the kernel promises to programs whatever its own clock does.</summary>
    private const double TicksPerSecond = 100;

    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Null if there is no such process.</summary>
    public static ProcessIdentity? Identify(int pid) => ReadStat(pid) is var (_, ticks) ? new ProcessIdentity(pid, ticks, BootId) : null;

    /// <summary>Whether this very process still runs; one that only waits to be reaped doesn't.</summary>
    public static bool IsAlive(ProcessIdentity process) =>
        process.BootId == BootId && ReadStat(process.Pid) is var (state, ticks) && ticks == process.StartTicks && state is not ('Z' or 'X');

    /// <summary>How long a thread has run; zero if there is none any more.</summary>
    public static TimeSpan ThreadCpuTime(int pid, long thread) => Ticks(ReadFields($"/proc/{pid}/task/{thread}/stat"));

    /// <summary>How long a process has run, with those of its children that it has outlived.</summary>
    public static TimeSpan CpuTime(int pid)
    {
        var fields = ReadFields($"/proc/{pid}/stat");
        return Ticks(fields) + Ticks(fields is null ? null : fields[2..]);
    }

    private static TimeSpan Ticks(string[]? fields) => fields is null
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds((Number(fields[UserTime]) + Number(fields[UserTime + 1])) / TicksPerSecond);

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);

    private static (char State, long StartTicks)? ReadStat(int pid) =>
        ReadFields($"/proc/{pid}/stat") is { } fields ? (fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture)) : null;

    /// <summary>proc_pid_stat(5): "pid (name) state …", where the name may hold anything; the first here is the state, field 3.</summary>
    private static string[]? ReadFields(string path)
    {
        try
        {
            var stat = File.ReadAllText(path);
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It ended before or while we read: ENOENT or ESRCH.
            return null;
        }
    }
}
