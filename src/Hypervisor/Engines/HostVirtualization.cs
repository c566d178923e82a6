namespace Orchestrator.Hypervisor.Engines;

/// <summary>What the host's CPU offers, by /proc/cpuinfo.</summary>
internal static class HostVirtualization
{
    /// <summary><c>vmx</c>, <c>svm</c>, or empty.</summary>
    public static string CpuExtension()
    {
        var flags = Flags();
        return flags.Contains("vmx") ? "vmx" : flags.Contains("svm") ? "svm" : "";
    }

    /// <summary>Whether this host is a guest itself.</summary>
    public static bool IsGuest() => Flags().Contains("hypervisor");

    private static HashSet<string> Flags() =>
        [.. (File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "").Split(' ')];
}
