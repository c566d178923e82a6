using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>
/// What a machine holds of the pods' network, and of which configuration: it is given back as it was taken, whatever the configuration is
/// by then. Without an address it was about to be taken.
/// </summary>
internal sealed record MachineLease(string Namespace, string Name, string Uid, PodNetwork Network, PoolAddress? Address)
{
    [JsonIgnore]
    public WorkloadId Id => new(WorkloadKind.VirtualMachine, Namespace, Name, Uid);
}

[JsonSerializable(typeof(MachineLease))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, WriteIndented = true)]
internal sealed partial class LeaseJson : JsonSerializerContext;

/// <summary>
/// One file a machine, written before its address is taken and removed after it was given back: an agent that dies in between leaves a file
/// by which its successor finds what is still held.
/// </summary>
internal sealed class MachineLeases(string folder)
{
    private const string Ending = ".json";

    public MachineLease? Find(string uid)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(PathOf(uid)), LeaseJson.Default.MachineLease);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException broken)
        {
            throw new IOException($"{PathOf(uid)}: {broken.Message}", broken);
        }
    }

    public void Write(MachineLease lease)
    {
        Directory.CreateDirectory(folder);
        var pending = PathOf(lease.Uid) + ".new";
        File.WriteAllText(pending, JsonSerializer.Serialize(lease, LeaseJson.Default.MachineLease));
        File.Move(pending, PathOf(lease.Uid), overwrite: true);
    }

    public void Remove(string uid) => File.Delete(PathOf(uid));

    public IEnumerable<MachineLease> All() => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder, "*" + Ending).Select(file => Find(Path.GetFileNameWithoutExtension(file))).OfType<MachineLease>();

    private string PathOf(string uid) => Path.Join(folder, uid + Ending);
}
