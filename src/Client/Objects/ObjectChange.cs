namespace Orchestrator.Client;

/// <summary>What happened to an object.</summary>
public enum ChangeType
{
    /// <summary>It is there, now or since before.</summary>
    Added,

    /// <summary>It is another version.</summary>
    Modified,

    /// <summary>It is gone; the change carries its last state.</summary>
    Deleted,

    /// <summary>No object: all up to a version has been told. The first one says that what was there has.</summary>
    Bookmark,
}

/// <summary>One change of an object.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Value">The object after it; null with a bookmark.</param>
/// <param name="ResourceVersion">The version that it brought.</param>
public sealed record ObjectChange<T>(ChangeType Type, T? Value, string ResourceVersion) where T : class;

/// <summary>A list, and the version that it shows.</summary>
/// <param name="Items">In the order of their namespaces and names.</param>
/// <param name="ResourceVersion">Of the whole.</param>
public sealed record ObjectList<T>(IReadOnlyList<T> Items, string ResourceVersion) where T : class;

/// <summary>Which objects of a kind: selectors as kubectl takes them; empty selects all.</summary>
/// <param name="Labels">Such as <c>app=web,tier in (front,back)</c>.</param>
/// <param name="Fields">Such as <c>spec.nodeName=host-1</c>.</param>
public sealed record ObjectSelector(string Labels = "", string Fields = "")
{
    /// <summary>All objects.</summary>
    public static readonly ObjectSelector All = new();
}
