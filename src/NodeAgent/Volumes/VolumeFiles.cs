using System.Text;
using Google.Protobuf.Collections;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;
using SourceKind = Orchestrator.Agents.V1.ConfigurationSource.Types.Kind;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>One file of a volume that the agent writes: its path within the volume, what is in it, and its mode.</summary>
internal readonly record struct VolumeFile(ReadOnlyMemory<byte> Content, UnixFileMode Mode);

/// <summary>What the files of a configMap, secret, downwardAPI or projected volume are now.</summary>
internal static class VolumeFiles
{
    private const int DefaultMode = 0b110_100_100;

    public static bool AreWritten(Volume volume) => volume.ConfigMap is not null || volume.Secret is not null || volume.DownwardApi is not null || volume.Projected is not null;

    /// <exception cref="ConfigurationProblemException">A source is missing, or two files have one path.</exception>
    public static SortedDictionary<string, VolumeFile> Of(Volume volume, DesiredWorkload workload)
    {
        var files = new SortedDictionary<string, VolumeFile>(StringComparer.Ordinal);
        if (volume.ConfigMap is { } configMap)
            AddKeys(files, workload, SourceKind.ConfigMap, configMap.Name, configMap.Items, configMap.Optional, ModeOf(configMap.HasDefaultMode, configMap.DefaultMode));
        if (volume.Secret is { } secret)
            AddKeys(files, workload, SourceKind.Secret, secret.SecretName, secret.Items, secret.Optional, ModeOf(secret.HasDefaultMode, secret.DefaultMode));
        if (volume.DownwardApi is { } fields) AddFields(files, workload, fields.Items, ModeOf(fields.HasDefaultMode, fields.DefaultMode));
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            var mode = ModeOf(volume.Projected!.HasDefaultMode, volume.Projected.DefaultMode);
            if (source.ConfigMap is { } map) AddKeys(files, workload, SourceKind.ConfigMap, map.Name, map.Items, map.Optional, mode);
            if (source.Secret is { } hidden) AddKeys(files, workload, SourceKind.Secret, hidden.Name, hidden.Items, hidden.Optional, mode);
            if (source.DownwardApi is { } own) AddFields(files, workload, own.Items, mode);
        }

        return files;
    }

    private static void AddKeys(
        SortedDictionary<string, VolumeFile> files, DesiredWorkload workload, SourceKind kind, string name, RepeatedField<KeyToPath> items, bool optional, int mode)
    {
        if (workload.Sources.All(kind, name, optional) is not { } all) return;
        if (items.Count == 0)
        {
            foreach (var (key, value) in all) Add(files, key, value.Memory, mode);
            return;
        }

        foreach (var item in items)
            if (workload.Sources.Find(kind, name, item.Key, optional) is { } value) Add(files, item.Path, value.Memory, item.HasMode ? item.Mode : mode);
    }

    private static void AddFields(SortedDictionary<string, VolumeFile> files, DesiredWorkload workload, IEnumerable<DownwardAPIVolumeFile> items, int mode)
    {
        foreach (var item in items)
        {
            var text = item.FieldRef is { } field
                ? FieldValues.Field(workload.Pod!, field.FieldPath, "", [])
                : FieldValues.Resource(workload.Pod!.Spec, item.ResourceFieldRef, "");
            Add(files, item.Path, Encoding.UTF8.GetBytes(text), item.HasMode ? item.Mode : mode);
        }
    }

    private static void Add(SortedDictionary<string, VolumeFile> files, string path, ReadOnlyMemory<byte> content, int mode)
    {
        // The API lets no such path through; one that did would leave the volume.
        if (path.Split('/') is var parts && (path.StartsWith('/') || parts.Contains("..") || parts[0].StartsWith("..", StringComparison.Ordinal)))
            throw new ConfigurationProblemException($"invalid path \"{path}\"");
        files[path] = new VolumeFile(content, (UnixFileMode)mode);
    }

    private static int ModeOf(bool given, int mode) => given ? mode : DefaultMode;
}
