using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;
using Container = Orchestrator.Objects.CoreV1.Container;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>What of its pod's volumes a container sees, and where.</summary>
internal sealed class ContainerMounts(VolumePaths paths)
{
    /// <exception cref="ConfigurationProblemException">A part of a volume can't be shown.</exception>
    public IReadOnlyList<Mount> Of(DesiredWorkload workload, Container container)
    {
        var mounts = new List<Mount>();
        for (var i = 0; i < container.VolumeMounts.Count; i++)
        {
            var mount = container.VolumeMounts[i];
            var volume = workload.Pod!.Spec.Volumes.FirstOrDefault(volume => volume.Name == mount.Name)
                ?? throw new ConfigurationProblemException($"volume \"{mount.Name}\" not found");
            mounts.Add(new Mount
            {
                ContainerPath = mount.MountPath,
                HostPath = mount.SubPath.Length == 0 ? PlaceOf(workload.Id, volume) : PartOf(workload.Id, volume, mount.SubPath, container.Name, i),
                // What the agent writes is nobody else's to change.
                Readonly = mount.ReadOnly || VolumeFiles.AreWritten(volume),
                Propagation = mount.MountPropagation == "HostToContainer" ? MountPropagation.PropagationHostToContainer : MountPropagation.PropagationPrivate,
            });
        }

        return mounts;
    }

    private string PlaceOf(WorkloadId id, Volume volume) => volume.HostPath?.Path ?? paths.Of(id, volume.Name);

    private string PartOf(WorkloadId id, Volume volume, string subPath, string container, int index)
    {
        try
        {
            // Only the agent writes there: what it resolves stays what it is.
            if (VolumeFiles.AreWritten(volume))
                return !subPath.Split('/').Contains("..") && AtomicFolder.Resolve(paths.Of(id, volume.Name), subPath) is { } part && Path.Exists(part)
                    ? part : throw new ConfigurationProblemException($"there is no \"{subPath}\" in it");
            var place = paths.OfSubPath(id, container, index);
            SubPaths.Show(PlaceOf(id, volume), subPath, place);
            return place;
        }
        catch (Exception failure) when (failure is ConfigurationProblemException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblemException(
                $"failed to prepare subPath for volumeMount \"{volume.Name}\" of container \"{container}\": {failure.Message}");
        }
    }
}
