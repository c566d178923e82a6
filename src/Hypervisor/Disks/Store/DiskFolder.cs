using System.Text.RegularExpressions;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Disks.Store;

/// <summary>
/// The files of a disk store, and the only place that changes them: <c>*.disk</c> and <c>*.snapshot</c> are records, <c>*.layer</c> layers.
/// Each change is one step that a crash leaves done or not done.
/// </summary>
/// <param name="folder">Of the records and the layers.</param>
/// <param name="bases">Where the raw images are; they are others'.</param>
internal sealed partial class DiskFolder(string folder, string bases)
{
    public const string Disk = ".disk";
    public const string Snapshot = ".snapshot";
    private const string Layer = ".layer";
    private const string Live = ".live";
    private const string Pending = ".tmp";

    /// <summary>Called before every change, with what it is; a test ends the world there.</summary>
    public Action<string>? BeforeStep { get; set; }

    public bool Exists(string name, string kind) => File.Exists(PathOf(name, kind));

    public DiskRecord Read(string name, string kind) =>
        Exists(name, kind) ? DiskRecord.Read(PathOf(name, kind)) : throw new FileNotFoundException($"there is no {kind[1..]} '{name}'");

    public void Write(string name, string kind, DiskRecord record)
    {
        BeforeStep?.Invoke($"write {name}{kind}");
        DataDirectory.WriteDurably(PathOf(name, kind), record.Encode());
    }

    public void Remove(string name, string kind)
    {
        BeforeStep?.Invoke($"remove {name}{kind}");
        File.Delete(PathOf(name, kind));
        FileSystem.FlushDirectory(folder);
    }

    public DiskFile OpenLayer(string file, bool forWriting)
    {
        var path = Path.Combine(folder, file);
        return forWriting ? DiskFile.Open(path) : DiskFile.OpenReadOnly(path);
    }

    public Layers.LiveMap OpenLive(string layer, Guid boot) => new(DiskFile.OpenOrCreate(Path.Combine(folder, layer + Live)), boot);

    public void RemoveLive(string layer) => File.Delete(Path.Combine(folder, layer + Live));

    public DiskFile OpenBase(string file) => DiskFile.OpenReadOnly(Path.Combine(bases, file));

    /// <summary>The new layer's file name. It is whole and durable before it has the name.</summary>
    public string CreateLayer(Guid id, long diskBytes, Layers.ParentIdentity parent)
    {
        var name = $"{id:N}{Layer}";
        var path = Path.Combine(folder, name);
        BeforeStep?.Invoke("create layer");
        using (var file = DiskFile.Create(path + Pending))
        {
            Layers.Layer.Create(file, id, diskBytes, parent);
        }

        BeforeStep?.Invoke("name layer");
        File.Move(path + Pending, path);
        FileSystem.FlushDirectory(folder);
        return name;
    }

    public void RemoveLayer(string file)
    {
        BeforeStep?.Invoke("remove layer");
        RemoveLive(file);
        File.Delete(Path.Combine(folder, file));
    }

    public IReadOnlyList<string> LayerFiles() => Names("*" + Layer);

    public IReadOnlyList<string> NamesOf(string kind) => [.. Names("*" + kind).Select(file => Path.GetFileNameWithoutExtension(file))];

    public void RemovePending()
    {
        foreach (var file in Names("*" + Pending))
        {
            File.Delete(Path.Combine(folder, file));
        }
    }

    private List<string> Names(string pattern) => [.. Directory.EnumerateFiles(folder, pattern).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private string PathOf(string name, string kind) => NamePattern().IsMatch(name)
        ? Path.Combine(folder, name + kind)
        : throw new ArgumentException($"'{name}' is no name of a disk: letters, digits, '-', '_' and '.', at most 100");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex NamePattern();
}
