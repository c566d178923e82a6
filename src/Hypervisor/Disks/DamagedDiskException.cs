namespace Orchestrator.Hypervisor.Disks;

/// <summary>A disk's file is not what it must be; it is never read as if it were. The message names the file and what is wrong.</summary>
internal sealed class DamagedDiskException(string file, string what) : IOException($"{file}: {what}");
