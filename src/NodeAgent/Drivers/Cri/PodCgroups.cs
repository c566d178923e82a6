namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// Where pods stand in the cgroup hierarchy: <c>PARENT/podUID</c>, in every mounted controller (v1) or in the one
/// tree (v2). The runtime creates them; only empty ones can be removed, so removing is safe at any time.
/// </summary>
internal sealed class PodCgroups(string parent)
{
    private const string Mounts = "/proc/self/mounts";

    public string OfPod(WorkloadId id) => $"{parent}/pod{id.Uid}";

    public void Remove(WorkloadId id)
    {
        foreach (var mount in MountPoints())
        {
            var directory = Path.Join(mount, OfPod(id));
            if (Directory.Exists(directory)) RemoveTree(directory);
        }
    }

    private static void RemoveTree(string directory)
    {
        foreach (var child in Directory.EnumerateDirectories(directory)) RemoveTree(child);
        // Directory.Delete would refuse for the control files that it sees; rmdir knows that they aren't real.
        Native.RemoveDirectory(directory);
    }

    private static IEnumerable<string> MountPoints()
        => File.ReadLines(Mounts).Select(line => line.Split(' ')).Where(fields => fields.Length > 2 && fields[2] is "cgroup" or "cgroup2").Select(fields => fields[1]);
}
