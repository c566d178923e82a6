namespace Orchestrator.Contracts.Kinds;

/// <summary>A kind by its API group (empty: the core group) and its plural: <c>pods</c>, <c>virt.orchestrator.dev/virtualmachines</c>.</summary>
public readonly record struct ResourceId(string Group, string Plural) : IComparable<ResourceId>
{
    public int CompareTo(ResourceId other)
    {
        var order = string.CompareOrdinal(Group, other.Group);
        return order == 0 ? string.CompareOrdinal(Plural, other.Plural) : order;
    }

    public override string ToString() => Group.Length == 0 ? Plural : $"{Group}/{Plural}";

    public static ResourceId Parse(string text)
    {
        var slash = text.IndexOf('/');
        return slash < 0 ? new ResourceId("", text) : new ResourceId(text[..slash], text[(slash + 1)..]);
    }

    public static bool operator <(ResourceId left, ResourceId right) => left.CompareTo(right) < 0;
    public static bool operator >(ResourceId left, ResourceId right) => left.CompareTo(right) > 0;
    public static bool operator <=(ResourceId left, ResourceId right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ResourceId left, ResourceId right) => left.CompareTo(right) >= 0;
}
