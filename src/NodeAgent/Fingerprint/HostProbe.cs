using System.Globalization;
using System.Reflection;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Fingerprint;

/// <summary>Reads what the kernel and the distribution say of this host.</summary>
internal static class HostProbe
{
    /// <summary>What the host keeps for itself and its daemons.</summary>
    private const long ReservedMemoryBytes = 256L * 1024 * 1024;
    private const int ReservedMillicores = 100;
    private const int MaximumPods = 110;
    private const long BytesInKibibyte = 1024;

    public static string AgentVersion { get; } =
        typeof(HostProbe).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static NodeSystemInfo SystemInfo(string containerRuntimeVersion) => new()
    {
        MachineId = FirstLine("/etc/machine-id"),
        BootId = FirstLine("/proc/sys/kernel/random/boot_id"),
        KernelVersion = FirstLine("/proc/sys/kernel/osrelease"),
        OsImage = OperatingSystemName(),
        ContainerRuntimeVersion = containerRuntimeVersion,
        AgentVersion = AgentVersion,
        OperatingSystem = "linux",
        Architecture = "amd64",
    };

    public static (Dictionary<string, string> Capacity, Dictionary<string, string> Allocatable) Resources(string dataDirectory)
    {
        var memory = MemoryInfo("MemTotal");
        var cores = Environment.ProcessorCount;
        var disk = DiskOf(dataDirectory)?.TotalSize ?? 0;
        return (
            Build(cores.ToString(CultureInfo.InvariantCulture), memory, disk),
            // A tenth of the disk stays free, as kubelet's eviction threshold would keep it.
            Build($"{(cores * 1000) - ReservedMillicores}m", Math.Max(memory - ReservedMemoryBytes, 0), disk / 10 * 9));
    }

    /// <summary>A figure of /proc/meminfo in bytes.</summary>
    public static long MemoryInfo(string name)
    {
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal) || line[name.Length] != ':') continue;
            return long.Parse(line.AsSpan(name.Length + 1).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) * BytesInKibibyte;
        }

        return 0;
    }

    /// <summary>The file system that holds a directory, or where it will be.</summary>
    public static DriveInfo? DiskOf(string directory)
    {
        while (!Directory.Exists(directory))
        {
            if (Path.GetDirectoryName(directory) is not { } parent) return null;
            directory = parent;
        }

        return new DriveInfo(directory);
    }

    private static Dictionary<string, string> Build(string cpu, long memoryBytes, long diskBytes) => new()
    {
        ["cpu"] = cpu,
        ["memory"] = $"{memoryBytes / BytesInKibibyte}Ki",
        ["pods"] = MaximumPods.ToString(CultureInfo.InvariantCulture),
        ["ephemeral-storage"] = $"{diskBytes / BytesInKibibyte}Ki",
    };

    private static string OperatingSystemName()
        => !File.Exists("/etc/os-release") ? "" : File.ReadLines("/etc/os-release")
            .Where(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)).Select(line => line["PRETTY_NAME=".Length..].Trim('"')).FirstOrDefault() ?? "";

    private static string FirstLine(string path) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() ?? "" : "";
}
