using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Ids;

/// <summary>
/// Where an object stands: its kind, its namespace (empty for a cluster-wide kind) and its name. Its text,
/// <c>[group/]plural/[namespace]/name</c>, is the key of the revision log and of grains; it sorts by kind,
/// then namespace, then name.
/// </summary>
public readonly record struct ObjectKey(ResourceId Resource, string Namespace, string Name) : IComparable<ObjectKey>
{
    public int CompareTo(ObjectKey other)
    {
        var order = Resource.CompareTo(other.Resource);
        if (order == 0) order = string.CompareOrdinal(Namespace, other.Namespace);
        return order == 0 ? string.CompareOrdinal(Name, other.Name) : order;
    }

    public override string ToString() => $"{Resource}/{Namespace}/{Name}";

    /// <summary>The inverse of <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text is not a key.</exception>
    public static ObjectKey Parse(string text)
    {
        var name = text.LastIndexOf('/');
        var ns = name > 0 ? text.LastIndexOf('/', name - 1) : -1;
        if (ns <= 0) throw new FormatException($"'{text}' is not an object key ([group/]plural/[namespace]/name).");
        return new ObjectKey(ResourceId.Parse(text[..ns]), text[(ns + 1)..name], text[(name + 1)..]);
    }

    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;
}
