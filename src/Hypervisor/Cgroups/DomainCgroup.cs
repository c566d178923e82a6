using System.Globalization;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Cgroups;

/// <summary>The limits of one engine process and all that it forks.</summary>
internal readonly record struct CgroupLimits(long MemoryBytes, int Processes, int CpuWeight);

/// <summary>The control group of one domain, in every tree. Safe to kill and remove whether it exists or not.</summary>
internal sealed class DomainCgroup
{
    // The kernel's neutral values: a weight of 1 is one ordinary process group's share.
    private const int SharesPerWeight = 1024;
    private const int UnifiedPerWeight = 100;
    private const int LargestUnifiedWeight = 10_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FreezeLimit = TimeSpan.FromSeconds(10);

    private readonly CgroupHierarchy _hierarchy;

    public DomainCgroup(CgroupHierarchy hierarchy, string path)
    {
        _hierarchy = hierarchy;
        Path = path;
    }

    /// <summary>Below each tree's root.</summary>
    public string Path { get; }

    private string FreezerTree => _hierarchy.IsUnified ? "unified" : "freezer";

    private string FreezerFile => _hierarchy.IsUnified ? "cgroup.freeze" : "freezer.state";

    public IEnumerable<string> Folders => _hierarchy.Roots.Values.Select(root => root + Path);

    public void Make(CgroupLimits limits)
    {
        _hierarchy.MakeParent();
        foreach (var folder in Folders)
        {
            Directory.CreateDirectory(folder);
        }

        if (_hierarchy.IsUnified)
        {
            Set("unified", "memory.max", limits.MemoryBytes);
            Set("unified", "memory.swap.max", 0);
            Set("unified", "memory.oom.group", 1);
            Set("unified", "pids.max", limits.Processes);
            Set("unified", "cpu.weight", Math.Min(limits.CpuWeight * UnifiedPerWeight, LargestUnifiedWeight));
            return;
        }

        Set("memory", "memory.limit_in_bytes", limits.MemoryBytes);
        Set("memory", "memory.memsw.limit_in_bytes", limits.MemoryBytes);
        Set("pids", "pids.max", limits.Processes);
        Set("cpu", "cpu.shares", (long)limits.CpuWeight * SharesPerWeight);
    }

    /// <summary>Whether the kernel has killed something in it for want of memory.</summary>
    public bool HadOutOfMemory()
    {
        var (tree, file) = _hierarchy.IsUnified ? ("unified", "memory.events") : ("memory", "memory.oom_control");
        return FileIn(tree, file) is { } path && File.Exists(path)
            && File.ReadLines(path).Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
    }

    /// <summary>Kills every process in it, then waits until none is left and removes it.</summary>
    /// <exception cref="TimeoutException">A process didn't go: it hangs in the kernel.</exception>
    public async Task KillAndRemoveAsync(TimeSpan limit, TimeProvider time)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            Kill();
            if (Pids().Count == 0)
            {
                break;
            }

            if (time.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"{Path}: processes {string.Join(", ", Pids())} outlived SIGKILL");
            }

            await Task.Delay(PollInterval, time);
        }

        foreach (var folder in Folders.Where(Directory.Exists))
        {
            Directory.Delete(folder);
        }

        _hierarchy.RemoveParent();
    }

    /// <summary>What its processes take of the host's memory, the guest's among it.</summary>
    public long MemoryBytes() =>
        ReadNumber(_hierarchy.IsUnified ? FileIn("unified", "memory.current") : FileIn("memory", "memory.usage_in_bytes"));

    /// <summary>Of its processes; with the older version of control groups of those that live, and of their children.</summary>
    public TimeSpan CpuTime()
    {
        if (FileIn("unified", "cpu.stat") is { } stat && File.Exists(stat))
        {
            var usage = File.ReadLines(stat).First(line => line.StartsWith("usage_usec ", StringComparison.Ordinal));
            return TimeSpan.FromMicroseconds(long.Parse(usage.Split(' ')[1], CultureInfo.InvariantCulture));
        }

        return FileIn("cpu", "cpuacct.usage") is { } account && File.Exists(account)
            ? TimeSpan.FromMicroseconds(ReadNumber(account) / 1000)
            : Pids().Aggregate(TimeSpan.Zero, (sum, pid) => sum + ProcessTable.CpuTime(pid));
    }

    private static long ReadNumber(string? path) =>
        path is not null && File.Exists(path) ? long.Parse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture) : 0;

    /// <summary>Its processes stand still when this returns, and what they fork does too.</summary>
    /// <exception cref="TimeoutException">A process didn't stop; then all of them go on.</exception>
    public async Task FreezeAsync(TimeProvider time)
    {
        if (FileIn(FreezerTree, FreezerFile) is not { } path || !File.Exists(path))
        {
            throw new IOException("this host has no control group that can freeze processes");
        }

        try
        {
            await SetFrozenAsync(path, true, time);
        }
        catch (TimeoutException)
        {
            await SetFrozenAsync(path, false, time);
            throw;
        }
    }

    /// <summary>Where nothing can be frozen, nothing is.</summary>
    public Task ThawAsync(TimeProvider time) =>
        FileIn(FreezerTree, FreezerFile) is { } path && File.Exists(path) ? SetFrozenAsync(path, false, time) : Task.CompletedTask;

    /// <summary>SIGKILL to all. Nothing can fork away: the group is frozen meanwhile, or the kernel does it as a whole.</summary>
    public void Kill()
    {
        if (FileIn("unified", "cgroup.kill") is { } kill && File.Exists(kill))
        {
            File.WriteAllText(kill, "1");
            return;
        }

        SetState("FROZEN");
        foreach (var pid in Pids())
        {
            Processes.Kill(pid);
        }

        SetState("THAWED");
    }

    private async Task SetFrozenAsync(string path, bool isFrozen, TimeProvider time)
    {
        var (value, sign, expected) = _hierarchy.IsUnified
            ? (isFrozen ? "1" : "0", "cgroup.events", isFrozen ? "frozen 1" : "frozen 0")
            : (isFrozen ? "FROZEN" : "THAWED", FreezerFile, isFrozen ? "FROZEN" : "THAWED");
        await File.WriteAllTextAsync(path, value);
        var started = time.GetTimestamp();
        while (!(await File.ReadAllLinesAsync(FileIn(FreezerTree, sign)!)).Contains(expected))
        {
            if (time.GetElapsedTime(started) > FreezeLimit)
            {
                throw new TimeoutException($"{Path}: its processes don't {(isFrozen ? "stand still" : "go on")} after {FreezeLimit.TotalSeconds:0} s");
            }

            await Task.Delay(PollInterval, time);
        }
    }

    private HashSet<int> Pids()
    {
        HashSet<int> pids = [];
        foreach (var list in Folders.Select(folder => System.IO.Path.Combine(folder, "cgroup.procs")).Where(File.Exists))
        {
            pids.UnionWith(File.ReadLines(list).Select(line => int.Parse(line, CultureInfo.InvariantCulture)));
        }

        return pids;
    }

    private void SetState(string state)
    {
        if (FileIn("freezer", "freezer.state") is { } path && File.Exists(path))
        {
            File.WriteAllText(path, state);
        }
    }

    private void Set(string tree, string file, long value)
    {
        if (FileIn(tree, file) is { } path && File.Exists(path))
        {
            File.WriteAllText(path, value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private string? FileIn(string tree, string file) =>
        _hierarchy.Roots.TryGetValue(tree, out var root) ? System.IO.Path.Combine(root + Path, file) : null;
}
