namespace Orchestrator.Scheduler.Snapshot;

/// <summary>Every label, taint, runtime class, image and set of traits that the snapshot's hosts have, or had not long ago.</summary>
internal sealed record Symbols(
    SymbolTable<Label> Labels, SymbolTable<HostTaint> Taints, SymbolTable<string> RuntimeClasses, SymbolTable<HostImage> Images,
    SymbolTable<WorkloadTraits> Traits)
{
    public static readonly Symbols Empty = new(
        SymbolTable<Label>.Empty, SymbolTable<HostTaint>.Empty, SymbolTable<string>.Empty, SymbolTable<HostImage>.Empty, SymbolTable<WorkloadTraits>.Empty);

    public (Symbols Table, HostSymbols Host) Intern(HostView host)
    {
        var (labels, labelIds) = Labels.Intern(host.Labels);
        var (taints, taintIds) = Taints.Intern(host.Taints);
        var (classes, classIds) = RuntimeClasses.Intern(host.RuntimeClasses.Concat(host.GuestArchitectures));
        var (images, imageIds) = Images.Intern(host.Images);
        var (traits, counts) = Count(host.Residents);
        var known = ReferenceEquals(labels, Labels) && ReferenceEquals(taints, Taints) && ReferenceEquals(classes, RuntimeClasses)
            && ReferenceEquals(images, Images) && ReferenceEquals(traits, Traits);
        return (known ? this : new Symbols(labels, taints, classes, images, traits), new HostSymbols(labelIds, taintIds, classIds, imageIds, counts));
    }

    private (SymbolTable<WorkloadTraits> Table, TraitCount[] Counts) Count(ValueList<Resident> residents)
    {
        if (residents.Count == 0) return (Traits, []);
        var table = Traits;
        var ids = new int[residents.Count];
        for (var at = 0; at < ids.Length; at++) (table, ids[at]) = table.Intern(residents[at].Traits);
        Array.Sort(ids);
        var counts = new List<TraitCount>();
        for (int first = 0, at = 1; at <= ids.Length; at++)
        {
            if (at < ids.Length && ids[at] == ids[first]) continue;
            counts.Add(new TraitCount(ids[first], at - first));
            first = at;
        }

        return (table, [.. counts]);
    }
}
