using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks.Store;

/// <summary>
/// Which layer each name leads to and which each layer lies on, so that the removal of one disk need not read all others. Read once from
/// the files, and kept up by the one store.
/// </summary>
internal sealed class StoreIndex(DiskFolder folder)
{
    private readonly Dictionary<(string Name, string Kind), string> _tops = [];
    private readonly Dictionary<string, string> _parents = [];
    private bool _isComplete;

    public void Names(string name, string kind, string layer) => _tops[(name, kind)] = layer;

    public void Lies(string layer, ParentIdentity parent) => _parents[layer] = parent.Kind is ParentKind.Layer ? parent.FileName : "";

    public void Forget(string name, string kind) => _tops.Remove((name, kind));

    public void Forget(string layer) => _parents.Remove(layer);

    /// <summary>False while a record or a layer can't be read.</summary>
    public bool TryComplete()
    {
        if (_isComplete)
        {
            return true;
        }

        _tops.Clear();
        _parents.Clear();
        try
        {
            Read(DiskFolder.Disk);
            Read(DiskFolder.Snapshot);
        }
        catch (IOException)
        {
            return false;
        }

        return _isComplete = true;
    }

    /// <summary>The layers that some name leads to.</summary>
    public IReadOnlySet<string> Needed()
    {
        HashSet<string> needed = [];
        foreach (var top in _tops.Values)
        {
            for (var layer = top; layer.Length > 0 && needed.Add(layer);)
            {
                layer = _parents[layer];
            }
        }

        return needed;
    }

    private void Read(string kind)
    {
        foreach (var name in folder.NamesOf(kind))
        {
            var top = folder.Read(name, kind).Layer;
            Names(name, kind, top);
            for (var layer = top; layer.Length > 0 && !_parents.ContainsKey(layer); layer = _parents[layer])
            {
                using var opened = Layer.Open(folder.OpenLayer(layer, forWriting: false));

                // A power cut must not bring back a superblock that leads to what is removed now.
                opened.File.Flush();
                Lies(layer, opened.Superblock.Parent);
            }
        }
    }
}
