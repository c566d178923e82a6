using Orchestrator.Scheduler.Ranking;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>A workload with these traits came to a host (1) or was taken back (-1).</summary>
internal readonly record struct DraftChange(int Slot, int Traits, int By);

/// <summary>
/// A plan in the making: the snapshot's hosts with what the batch has placed so far. Copies a block when it first places there.
/// </summary>
internal sealed class Draft
{
    private readonly ClusterSnapshot _snapshot;
    private readonly HostBlock[] _blocks;
    private readonly bool[] _copied;
    private readonly List<DraftChange> _changed = [];
    private TraitHosts? _traitHosts;

    /// <param name="snapshot">The hosts.</param>
    /// <param name="newcomers">The traits of the workloads that may be placed.</param>
    /// <param name="profiles">How hosts are ranked.</param>
    public Draft(ClusterSnapshot snapshot, IEnumerable<WorkloadTraits> newcomers, RankingProfiles profiles)
    {
        _snapshot = snapshot;
        _blocks = [.. snapshot.Blocks];
        _copied = new bool[_blocks.Length];
        var traits = snapshot.Symbols.Traits;
        foreach (var newcomer in newcomers) (traits, _) = traits.Intern(newcomer);
        Symbols = snapshot.Symbols with { Traits = traits };
        Profiles = profiles;
        Traits = traits.Symbols;
        TraitsWithTerms = Enumerable.Range(0, Traits.Length).Where(id => Traits[id].HasTerms).ToArray();
    }

    public Symbols Symbols { get; }

    public RankingProfiles Profiles { get; }

    public NamespaceLabels Namespaces => _snapshot.Namespaces;

    /// <summary>Grows when something is taken back: what could not be placed before may fit then.</summary>
    public int TakenBack { get; private set; }

    /// <summary>By number, the traits of all workloads, placed and to be placed.</summary>
    public WorkloadTraits[] Traits { get; }

    /// <summary>The numbers of those that say something about others.</summary>
    public int[] TraitsWithTerms { get; }

    public ReadOnlySpan<HostBlock> Blocks => _blocks;

    public int HostCount => _snapshot.Count;

    /// <summary>Where the traits are in the snapshot; what the draft has changed is not in it.</summary>
    public TraitHosts TraitHosts => _traitHosts ??= TraitHosts.Of(_snapshot.Blocks, Traits.Length);

    /// <summary>What was placed and taken back, in order: a reader remembers how far it has read.</summary>
    public IReadOnlyList<DraftChange> Changes => _changed;

    public HostNames Names => _snapshot.Layout.Names(_snapshot.Blocks);

    public HostView HostAt(int slot) => _blocks[slot / HostBlock.Size].Host(slot % HostBlock.Size);

    /// <summary>The slot of the host of that name; -1 if there is none.</summary>
    public int SlotOf(string name) => _snapshot.SlotOf(new(name));

    public HostTopology Topology(string key) => _snapshot.Layout.Topology(key, _snapshot.Blocks, Symbols.Labels.Symbols);

    public HostGroups Groups(IEnumerable<string> keys) => _snapshot.Layout.Groups(keys.Select(Topology).ToArray(), _snapshot.Blocks);

    public void Place(int slot, ResourceVector requests, int traits) => Change(slot, requests, traits, 1);

    public void TakeBack(int slot, ResourceVector requests, int traits)
    {
        TakenBack++;
        Change(slot, -requests, traits, -1);
    }

    private void Change(int slot, ResourceVector requests, int traits, int by)
    {
        var (at, bit) = (slot / HostBlock.Size, slot % HostBlock.Size);
        if (!_copied[at])
        {
            _blocks[at] = _blocks[at].CopyForPlanning();
            _copied[at] = true;
        }

        var block = _blocks[at];
        block.Used[bit] += requests;
        block.Traits[bit] = TraitCount.Changed(block.Traits[bit], traits, by);
        _changed.Add(new DraftChange(slot, traits, by));
    }
}
