namespace Orchestrator.Scheduler;

/// <summary>
/// Why no member of a group is placed: of the members that there must be at least, so many there are, and so many of these have or find
/// a host. <paramref name="Missing"/> says of the first that finds none what it lacks, with its fellows in their places.
/// </summary>
public sealed record GangShortfall(Gang Gang, int Members, int Placeable, Explanation? Missing)
{
    public override string ToString()
    {
        if (Gang.MinimumMembers is not { } minimum) return $"waits for PodGroup {Gang.Name}, which does not exist.";
        if (Members < minimum) return $"waits for its group: PodGroup {Gang.Name} needs {minimum} members, there are {Members}.";
        return $"{Placeable} of at least {minimum} members of PodGroup {Gang.Name} can be placed; the next: {Missing?.Summary}";
    }
}
