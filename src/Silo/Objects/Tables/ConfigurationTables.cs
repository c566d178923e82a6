using System.Globalization;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.StorageV1;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>The tables of configuration, accounts, quotas and storage.</summary>
internal static class ConfigurationTables
{
    public static readonly TableLayout ConfigMap = new([
        TableLayout.Name, Count("Data", obj => obj.As<ConfigMap>().Data.Count + obj.As<ConfigMap>().BinaryData.Count), TableLayout.Age]);

    public static readonly TableLayout Secret = new([
        TableLayout.Name, new Column("Type", "string", (obj, _) => obj.As<Secret>().Type), Count("Data", obj => obj.As<Secret>().Data.Count), TableLayout.Age]);

    public static readonly TableLayout ServiceAccount = new([TableLayout.Name, Count("Secrets", obj => obj.As<ServiceAccount>().Secrets.Count), TableLayout.Age]);

    public static readonly TableLayout ResourceQuota = new([
        TableLayout.Name, TableLayout.Age,
        new Column("Request", "string", (obj, _) => Used(obj.As<ResourceQuota>(), limits: false)),
        new Column("Limit", "string", (obj, _) => Used(obj.As<ResourceQuota>(), limits: true))]);

    public static readonly TableLayout LimitRange = new([
        TableLayout.Name, new Column("Created At", "date", (obj, _) => obj.Metadata.CreationTimestamp.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))]);

    public static readonly TableLayout PersistentVolume = new([
        TableLayout.Name,
        new Column("Capacity", "string", (obj, _) => obj.As<PersistentVolume>().Spec.Capacity.GetValueOrDefault("storage", "")),
        new Column("Access Modes", "string", (obj, _) => Modes(obj.As<PersistentVolume>().Spec.AccessModes)),
        new Column("Reclaim Policy", "string", (obj, _) => obj.As<PersistentVolume>().Spec.PersistentVolumeReclaimPolicy),
        new Column("Status", "string", (obj, _) => obj.Terminating ? "Terminating" : obj.As<PersistentVolume>().Status?.Phase ?? ""),
        new Column("Claim", "string", (obj, _) => obj.As<PersistentVolume>().Spec.ClaimRef is { } claim ? $"{claim.Namespace}/{claim.Name}" : ""),
        new Column("StorageClass", "string", (obj, _) => obj.As<PersistentVolume>().Spec.StorageClassName),
        new Column("Reason", "string", (obj, _) => obj.As<PersistentVolume>().Status?.Reason ?? ""),
        TableLayout.Age,
        new Column("VolumeMode", "string", (obj, _) => obj.As<PersistentVolume>().Spec.VolumeMode, Wide: true)]);

    public static readonly TableLayout PersistentVolumeClaim = new([
        TableLayout.Name,
        new Column("Status", "string", (obj, _) => obj.Terminating ? "Terminating" : obj.As<PersistentVolumeClaim>().Status?.Phase ?? ""),
        new Column("Volume", "string", (obj, _) => obj.As<PersistentVolumeClaim>().Spec.VolumeName),
        new Column("Capacity", "string", (obj, _) => obj.As<PersistentVolumeClaim>().Status?.Capacity.GetValueOrDefault("storage", "") ?? ""),
        new Column("Access Modes", "string", (obj, _) => Modes(obj.As<PersistentVolumeClaim>().Status?.AccessModes ?? [])),
        new Column("StorageClass", "string", (obj, _) => obj.As<PersistentVolumeClaim>().Spec.StorageClassName),
        TableLayout.Age,
        new Column("VolumeMode", "string", (obj, _) => obj.As<PersistentVolumeClaim>().Spec.VolumeMode, Wide: true)]);

    public static readonly TableLayout StorageClass = new([
        TableLayout.Name,
        new Column("Provisioner", "string", (obj, _) => obj.As<StorageClass>().Provisioner),
        new Column("ReclaimPolicy", "string", (obj, _) => obj.As<StorageClass>().ReclaimPolicy),
        new Column("VolumeBindingMode", "string", (obj, _) => obj.As<StorageClass>().VolumeBindingMode),
        new Column("AllowVolumeExpansion", "string", (obj, _) => obj.As<StorageClass>().AllowVolumeExpansion ? "true" : "false"),
        TableLayout.Age]);

    private static Column Count(string name, Func<Cache.StoredObject, int> count) =>
        new(name, "integer", (obj, _) => count(obj).ToString(CultureInfo.InvariantCulture));

    private static string Modes(IEnumerable<string> modes) => string.Join(',', modes.Select(mode => mode switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        _ => "RWOP",
    }));

    private static string Used(ResourceQuota quota, bool limits) => string.Join(", ",
        (quota.Status?.Hard ?? []).Where(hard => hard.Key.StartsWith("limits.", StringComparison.Ordinal) == limits).OrderBy(hard => hard.Key, StringComparer.Ordinal)
            .Select(hard => $"{hard.Key}: {quota.Status!.Used.GetValueOrDefault(hard.Key, "0")}/{hard.Value}"));
}
