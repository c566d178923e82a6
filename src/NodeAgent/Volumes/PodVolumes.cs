using System.Diagnostics;
using Orchestrator.Contracts.Values;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>Why a volume is not as it shall be. A container can start with what was there before, if anything was.</summary>
internal readonly record struct VolumeProblem(string Message, bool MustWait);

/// <summary>
/// The volumes of a pod on this host. Its hook calls this before anything of the pod starts, again for each new word on the pod, and when
/// nothing of it runs any more. What the agent writes is in memory: a Secret never touches a disk of the host.
/// </summary>
internal sealed class PodVolumes(VolumePaths paths)
{
    private const UnixFileMode ForAgent = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode ForEverybody = (UnixFileMode)0b111_111_111;

    /// <summary>Brings every volume to what the pod says. It looks first, so it may be cut off anywhere and repeated.</summary>
    public IReadOnlyList<VolumeProblem> SetUp(DesiredWorkload workload)
    {
        var problems = new List<VolumeProblem>();
        foreach (var volume in workload.Pod!.Spec.Volumes)
        {
            try
            {
                SetUp(volume, workload);
            }
            catch (Exception failure) when (failure is ConfigurationProblemException or IOException or UnauthorizedAccessException)
            {
                var written = VolumeFiles.AreWritten(volume) && AtomicFolder.IsWritten(paths.Of(workload.Id, volume.Name));
                problems.Add(new VolumeProblem($"MountVolume.SetUp failed for volume \"{volume.Name}\" : {failure.Message}", MustWait: !written));
            }
        }

        return problems;
    }

    /// <summary>Takes all of a pod's volumes away. What a host path shows stays as it is.</summary>
    /// <exception cref="IOException">Something still uses one of them.</exception>
    public async Task RemoveAsync(WorkloadId id, CancellationToken cancellation)
    {
        var folder = paths.OfPod(id);
        if (!Directory.Exists(folder)) return;
        foreach (var mount in FileSystem.MountsWithin(folder)) FileSystem.Unmount(mount);
        // What is mounted may be the host's own: with it still there, nothing is deleted.
        if (FileSystem.MountsWithin(folder).Count > 0) throw new IOException($"{folder} still has mounts");
        // A pod may have filled its folders with what no call of .NET can delete (paths without end); this can, and stays in this file system.
        var start = new ProcessStartInfo("/bin/rm", ["--recursive", "--force", "--one-file-system", "--", folder]) { RedirectStandardError = true };
        using var remove = Process.Start(start) ?? throw new IOException("/bin/rm can't be started");
        var errors = await remove.StandardError.ReadToEndAsync(cancellation);
        await remove.WaitForExitAsync(cancellation);
        if (remove.ExitCode != 0) throw new IOException(errors.Trim());
    }

    private void SetUp(Volume volume, DesiredWorkload workload)
    {
        if (volume.HostPath is { } host)
        {
            HostPaths.Check(host);
            return;
        }

        var folder = paths.Of(workload.Id, volume.Name);
        Make(paths.OfPod(workload.Id), ForAgent);
        if (VolumeFiles.AreWritten(volume))
        {
            var files = VolumeFiles.Of(volume, workload);
            MakeInMemory(folder, "mode=0755");
            AtomicFolder.Write(folder, files);
            return;
        }

        if (volume.EmptyDir is { Medium: "Memory" } memory)
        {
            var size = Quantity.TryParse(memory.SizeLimit, out var limit) && !limit.IsZero ? $",size={limit.ToInt64Ceiling()}" : "";
            MakeInMemory(folder, $"mode=0777{size}");
            return;
        }

        Make(folder, ForEverybody);
    }

    private static void MakeInMemory(string folder, string options)
    {
        Make(folder, ForAgent);
        if (!FileSystem.IsMountPoint(folder)) FileSystem.MountMemory(folder, options);
    }

    private static void Make(string folder, UnixFileMode mode)
    {
        if (Directory.Exists(folder)) return;
        Directory.CreateDirectory(folder);
        // The mask of this process has no say in it.
        File.SetUnixFileMode(folder, mode);
    }
}
