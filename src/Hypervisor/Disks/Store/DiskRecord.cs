using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Hypervisor.Disks.Store;

/// <summary>What a name stands for: a disk's top, or a snapshot. Replaced as a whole.</summary>
internal sealed record DiskRecord(string Layer)
{
    public static DiskRecord Read(string path)
    {
        DiskRecord? record;
        try
        {
            record = JsonSerializer.Deserialize(File.ReadAllBytes(path), DiskRecordJson.Default.DiskRecord);
        }
        catch (JsonException error)
        {
            throw new DamagedDiskException(path, $"it is no record of a disk: {error.Message}");
        }

        return record is { Layer: { Length: > 0 } layer } && Path.GetFileName(layer) == layer
            ? record
            : throw new DamagedDiskException(path, "it names no layer");
    }

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, DiskRecordJson.Default.DiskRecord);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DiskRecord))]
internal sealed partial class DiskRecordJson : JsonSerializerContext;
